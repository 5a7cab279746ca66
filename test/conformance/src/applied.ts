import { type AppliedCapability, Feature, Outcome, type VMSpec } from "@virtrigaud/proto";
import { expect, expectEqual, expectOneOf } from "./expect.ts";

/** Identity of an entry: what it is about. */
export function appliedKey({ feature, subject }: Pick<AppliedCapability, "feature" | "subject">): string {
  return subject === "" ? feature : `${feature} of ${subject}`;
}

/** The entry about a feature of the VM as a whole. */
export function appliedOf(
  list: readonly AppliedCapability[],
  feature: Feature,
): AppliedCapability | undefined {
  return list.find((entry) => entry.feature === feature && entry.subject === "");
}

/** Fails unless the list is well-formed and tells for CPU, memory and each disk's size what became of them. */
export function expectAppliedFor(spec: VMSpec, list: readonly AppliedCapability[]): void {
  const keys = list.map(appliedKey);
  expectEqual(
    keys.length,
    new Set(keys).size,
    "applied_capabilities, each knob at most once: number of entries",
  );
  for (const entry of list) {
    const key = `applied_capabilities ${appliedKey(entry)}`;
    expectOneOf(entry.outcome, [Outcome.APPLIED, Outcome.IMPLIED, Outcome.SUBSTITUTED], `${key}, outcome`);
    expect(entry.mechanism !== "", `${key}: expected a mechanism, got none`);
    const explained = entry.outcome === Outcome.APPLIED || entry.reason !== "";
    expect(explained, `${key} is ${entry.outcome}: expected a reason, got none`);
  }
  const disks = spec.disks.filter((disk) => disk.sizeBytes !== undefined);
  const wanted = [Feature.CPU, Feature.MEMORY, ...disks.map(({ name }) => `${Feature.DISK_SIZE} of ${name}`)];
  const missing = wanted.filter((key) => !keys.includes(key));
  expectEqual(missing, [], "knobs that were asked for and are not in applied_capabilities");
}
