import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { connectProvider } from "@virtrigaud/kit/client";
import { type MemoryProviderOptions, startMemoryProvider } from "@virtrigaud/memory-provider";
import { Feature, Tristate } from "@virtrigaud/proto";
import { cases, type Fixture, readFixture, runConformance } from "./index.ts";

const capable = readFixture(fileURLToPath(new URL("../fixtures/memory.yaml", import.meta.url)));
const { supported } = capable.capabilities;
const nestingFeatures = [Feature.NESTED_VIRTUALIZATION, Feature.VIRTUALIZATION_BASED_SECURITY];
const without = (features: readonly Feature[]) => supported.filter((feature) => !features.includes(feature));

const unknown: Fixture = {
  ...capable,
  capabilities: { supported: without(nestingFeatures), unknown: nestingFeatures },
};
const incapable: Fixture = {
  ...capable,
  capabilities: { supported: without(nestingFeatures), unknown: [] },
  nested: { ...capable.nested, expect: "refused" },
};
const small = [Feature.WATCH, Feature.PLAN, Feature.IMAGE, Feature.HOST_CHECK, Feature.CANCEL_OPERATION];
const watching = ["watch-changes", "watch-resume", "watch-heartbeat"];

type Outcomes = Record<string, string[]>;
const rows: [title: string, MemoryProviderOptions, Fixture, expected: Outcomes][] = [
  ["capable hosts", {}, capable, {}],
  ["hosts that do not tell", { nesting: "unknown" }, unknown, {}],
  ["incapable hosts", { nesting: "incapable" }, incapable, { SKIP: ["nested-guard", "nested-verified"] }],
  ["a guest that proves it", { guest: "true" }, verified(Tristate.TRUE, "VERIFIED"), {}],
  ["a guest that lacks it", { guest: "false" }, verified(Tristate.FALSE, "GUEST_LACKS_CPU_FEATURE"), {}],
  ["a guest without agent", { guest: "unknown" }, verified(Tristate.UNKNOWN, "NO_GUEST_ACCESS"), {}],
  [
    "a small provider, as the fixture says",
    { without: small },
    { ...capable, capabilities: { supported: without(small), unknown: [] } },
    { SKIP: ["check-hosts", "create-from-image", "operation-cancel", "plan", ...watching.toSorted()] },
  ],
  [
    "a provider that declares less than the fixture expects",
    { without: [Feature.WATCH] },
    capable,
    { FAIL: ["capabilities", ...watching.toSorted()] },
  ],
  [
    "hosts that cannot although the fixture expects them to",
    { nesting: "incapable" },
    capable,
    { FAIL: ["capabilities", "nested-guard", "nested-required", "nested-verified"] },
  ],
];

test.each(rows)(
  "%s",
  async (_title, options, fixture, expected) => {
    expect(await outcomes(options, fixture)).toEqual({
      PASS: passing(expected),
      FAIL: [],
      SKIP: [],
      ...expected,
    });
  },
  60_000,
);

function verified(verdict: Tristate, reason: string): Fixture {
  return {
    ...capable,
    nested: { expect: "applied", verified: verdict as Fixture["nested"]["verified"], reason },
  };
}

/** Every case that is not in the table. */
function passing(expected: Outcomes): string[] {
  const others = Object.values(expected).flat();
  return cases
    .map(({ id }) => id)
    .filter((id) => !others.includes(id))
    .sort();
}

async function outcomes(options: MemoryProviderOptions, fixture: Fixture): Promise<Outcomes> {
  const provider = await startMemoryProvider({ taskMs: 5, heartbeatMs: 200, ...options });
  const connection = await connectProvider({
    address: provider.address,
    tls: "insecure",
    retries: 0,
    breaker: false,
  });
  try {
    const { results } = await runConformance({ connection, fixture, parallel: 8 });
    const ids = (wanted: string) => results.filter(({ outcome }) => outcome === wanted).map(({ id }) => id);
    return { PASS: ids("PASS").sort(), FAIL: ids("FAIL").sort(), SKIP: ids("SKIP").sort() };
  } finally {
    connection.close();
    provider.stop();
  }
}
