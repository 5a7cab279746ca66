import { describe, expect, test } from "@jest/globals";
import { Router } from "../api/router.ts";
import { endpoints } from "../endpoints/index.ts";
import { pveVersions, releaseOf } from "../release.ts";
import { referenceData } from "../testing/reference.ts";
import type { PropertyFormat, Schema } from "./schema.ts";

type Reference = Readonly<Record<string, unknown>>;
interface Recorded {
  readonly versions: Readonly<
    Record<
      string,
      Record<
        string,
        Record<
          string,
          { parameters?: Record<string, Reference> & { properties?: Record<string, Reference> } }
        >
      >
    >
  >;
}

const counts: Readonly<Record<string, Readonly<Record<number, number>>>> = { usb: { 6: 5, 7: 14, 8: 14 } };
const recorded = referenceData("pve-api-schema.json") as Recorded | undefined;

/** What PVE names in ways that are not compared: patterns in Perl's notation. */
function comparable(name: string, value: unknown): unknown {
  if (name === "pattern" && typeof value === "string")
    return value.includes("(?^") ? undefined : value.replaceAll("{,", "{0,");
  return value ?? undefined;
}

function fromPve(reference: Reference): unknown {
  if (reference["alias"] !== undefined)
    return {
      type: "alias",
      alias: reference["alias"],
      ...(reference["keyAlias"] ? { keyAlias: reference["keyAlias"] } : {}),
    };
  const same = ["type", "pattern", "enum", "maxLength", "requires"].map((name) => [
    name,
    comparable(name, reference[name]),
  ]);
  const bounds = ["minimum", "maximum"].map((name) => [
    name,
    reference[name] === undefined ? undefined : Number(reference[name]),
  ]);
  const { format } = reference;
  const keys =
    typeof format === "object" && format !== null ? all(format as Record<string, Reference>) : format;
  return strip([
    ...same,
    ...bounds,
    ["format", keys],
    ["required", reference["optional"] ? undefined : true],
    ["defaultKey", reference["default_key"] ? true : undefined],
  ]);
}

const strip = (entries: unknown[][]) =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));
const all = (format: Record<string, Reference>) =>
  Object.fromEntries(Object.entries(format).map(([name, reference]) => [name, fromPve(reference)]));

function fromUs(schema: Schema, reference: unknown): unknown {
  if (schema.type === "alias") return schema;
  const perl = String((reference as Reference | undefined)?.["pattern"] ?? "").includes("(?^");
  const { items, pattern, format, ...rest } = schema;
  const keys =
    typeof format === "object"
      ? ours(format, (reference as Reference | undefined)?.["format"] as Record<string, Reference>)
      : format;
  return strip(
    Object.entries({
      ...rest,
      pattern: perl ? undefined : pattern,
      format: keys,
      required: rest.required || undefined,
    }),
  );
}

const ours = (format: PropertyFormat, reference: Record<string, Reference> | undefined) =>
  Object.fromEntries(
    Object.entries(format).map(([name, schema]) => [name, fromUs(schema, reference?.[name])]),
  );

/** `scsi[n]` of the older dumps, written out. */
function expanded(
  properties: Record<string, Reference>,
  ownNames: readonly string[],
  major: number,
): Record<string, Reference> {
  const out: Record<string, Reference> = {};
  for (const [name, reference] of Object.entries(properties)) {
    const base = /^(.*)\[n\]$/.exec(name)?.[1];
    if (base === undefined) out[name] = reference;
    else {
      const count =
        counts[base]?.[major] ?? ownNames.filter((own) => new RegExp(`^${base}\\d+$`).test(own)).length;
      for (let index = 0; index < count; index += 1) out[`${base}${index}`] = reference;
    }
  }
  return out;
}

/** Differences that are meant: formats which differ in name only, or are checked in code. */
function known(name: string, parameters: Record<string, unknown>, major: number): Record<string, unknown> {
  const copy = { ...parameters };
  // Up to 7 PVE writes these out in the endpoint; here they have one definition.
  for (const key of Object.keys(copy))
    if (/^usb\d+$/.test(key) || (/^(rng0|hostpci\d+)$/.test(key) && major < 9)) delete copy[key];
  if (/custom-cpu-models/.test(name)) delete copy["reported-model"];
  return copy;
}

if (recorded === undefined) {
  test("every parameter table can be built in every version", () => {
    for (const version of pveVersions) {
      const { major } = releaseOf(version);
      const router = new Router(endpoints, major);
      for (const endpoint of endpoints) expect(Object.keys(router.schemasOf(endpoint))).toBeDefined();
    }
  });
} else {
  describe.each(Object.entries(recorded.versions))("parameters as PVE %s has them", (manager, paths) => {
    const version = pveVersions.find((candidate) => manager.startsWith(candidate)) ?? "9.2";
    const { major } = releaseOf(version);
    const router = new Router(endpoints, major);
    const simulated = endpoints.filter(
      (endpoint) => (endpoint.since ?? 6) <= major && endpoint.path !== "/version",
    );

    test.each(simulated.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
      "%s",
      (name, endpoint) => {
        const reference = paths[endpoint.path.replace("*", "")]?.[endpoint.method]?.parameters;
        expect(reference).toBeDefined();
        const schemas = router.schemasOf(endpoint);
        const { additionalProperties, ...bare } = reference ?? {};
        const properties = expanded(
          (reference?.properties ?? bare) as Record<string, Reference>,
          Object.keys(schemas),
          major,
        );
        expect(known(name, ours(schemas, properties), major)).toEqual(known(name, all(properties), major));
      },
    );
  });
}
