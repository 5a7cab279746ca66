import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Feature, Image, NetworkInterface, Placement, Tristate } from "@virtrigaud/proto";
import { parse } from "yaml";
import { z } from "zod";

/** A message of the contract in its protobuf JSON mapping; what the contract has no field for is a problem. */
function message<T>(name: string, type: { fromJSON(json: unknown): T; toJSON(message: T): unknown }) {
  const holds = (json: unknown) =>
    typeof json === "object" && json !== null && isDeepStrictEqual(type.toJSON(type.fromJSON(json)), json);
  return z
    .custom<object>(holds, `is not a ${name} in protobuf's JSON mapping (lowerCamelCase field names)`)
    .transform((json) => type.fromJSON(json));
}

const feature = z
  .enum(Object.keys(Feature).filter((key) => key !== "UNSPECIFIED" && key !== "UNRECOGNIZED"))
  .transform((key) => Feature[key as keyof typeof Feature]);

const seconds = (fallback: number) =>
  z
    .number()
    .positive()
    .default(fallback)
    .transform((value) => value * 1000);

const nested = z.strictObject({
  expect: z.enum(["applied", "refused"]),
  verified: z
    .enum(["TRUE", "FALSE", "UNKNOWN"])
    .default("UNKNOWN")
    .transform((key) => Tristate[key]),
  reason: z.string().optional(),
});

const schema = z.strictObject({
  provider: z.string().min(1),
  simulated: z.boolean().optional(),
  capabilities: z.strictObject({
    supported: z.array(feature),
    unknown: z.array(feature).default([]),
  }),
  nested,
  image: message("Image", Image).optional(),
  network: message("NetworkInterface", NetworkInterface).optional(),
  placement: message("Placement", Placement).optional(),
  storageClass: z.string().min(1).optional(),
  foreignVm: z.string().min(1).optional(),
  timeouts: z
    .strictObject({
      caseSeconds: seconds(120),
      operationSeconds: seconds(60),
      heartbeatSeconds: seconds(30),
    })
    .prefault({})
    .transform(({ caseSeconds, operationSeconds, heartbeatSeconds }) => ({
      caseMs: caseSeconds,
      operationMs: operationSeconds,
      heartbeatMs: heartbeatSeconds,
    })),
});

/**
 * What a backend is expected to do.
 * - provider, simulated: as GetInfo tells them.
 * - capabilities: the features that must be SUPPORTED, and those that must be UNKNOWN; every other one must be UNSUPPORTED.
 * - nested: whether NESTED_POLICY_REQUIRED is applied or refused, and what a running VM's `verified` and its reason become.
 * - image, network, placement, storageClass: what VMs are made with here; cases that need a missing one are skipped.
 * - foreignVm: name of a VM that nobody owns and that the suite may try to harm.
 */
export type Fixture = z.output<typeof schema>;

/** Every problem of a fixture. */
export class FixtureError extends Error {}

/** Reads a fixture file. @throws FixtureError naming all problems. */
export function readFixture(file: string): Fixture {
  return parseFixture(readFileSync(file, "utf8"), file);
}

/** Parses a fixture in YAML; `source` names it in errors. @throws FixtureError naming all problems. */
export function parseFixture(text: string, source: string): Fixture {
  const { data, error } = schema.safeParse(read(text, source));
  if (data) return data;
  const problems = error.issues.map(({ path, message: what }) => `${path.join(".") || "(root)"}: ${what}`);
  throw new FixtureError([`${source} is not a conformance fixture:`, ...problems].join("\n  "));
}

function read(text: string, source: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new FixtureError(`${source} is not YAML: ${error instanceof Error ? error.message : error}`);
  }
}
