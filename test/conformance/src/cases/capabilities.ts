import { Feature, featureToNumber, Support } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expect, expectEqual } from "../expect.ts";

export const capabilities: Case = {
  id: "capabilities",
  title: "GetCapabilities is sorted, gives reasons, and is what the fixture expects",
  contract:
    "provider.proto, GetCapabilitiesResponse: Sorted by feature number; a feature that is absent is UNSUPPORTED.",
  needs: [],
  async run({ provider, fixture, signal }) {
    const { capabilities: list } = await provider.getCapabilities({}, { signal });
    const numbers = list.map(({ feature }) => featureToNumber(feature));
    const sorted = [...new Set(numbers)].sort((a, b) => a - b);
    expectEqual(numbers, sorted, "features, sorted and each at most once");
    for (const { feature, support, reason, mechanism } of list) {
      const known = support !== Support.UNSPECIFIED && support !== Support.UNRECOGNIZED;
      expect(
        known,
        `${feature}: expected a support that is SUPPORTED, UNSUPPORTED or UNKNOWN, got ${support}`,
      );
      if (support === Support.SUPPORTED)
        expect(mechanism !== "", `${feature}: expected a mechanism, got none`);
      else expect(reason !== "", `${feature} is ${support}: expected a reason, got none`);
    }
    const found = new Map(list.map(({ feature, support }) => [feature, support]));
    const wrong = expectedSupport(fixture.capabilities)
      .filter(([feature, support]) => (found.get(feature) ?? Support.UNSUPPORTED) !== support)
      .map(([feature, support]) => `${feature} ${found.get(feature) ?? "absent"} instead of ${support}`);
    expectEqual(wrong, [], "differences from the fixture");
  },
};

function expectedSupport(wanted: { supported: Feature[]; unknown: Feature[] }): [Feature, Support][] {
  const supported = new Set(wanted.supported);
  const unknown = new Set(wanted.unknown);
  return Object.values(Feature)
    .filter((feature) => feature !== Feature.UNSPECIFIED && feature !== Feature.UNRECOGNIZED)
    .map((feature) => {
      if (supported.has(feature)) return [feature, Support.SUPPORTED];
      return [feature, unknown.has(feature) ? Support.UNKNOWN : Support.UNSUPPORTED];
    });
}
