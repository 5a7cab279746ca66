import { expect, test } from "@jest/globals";
import { Feature, Outcome } from "@virtrigaud/proto";
import { entry } from "@virtrigaud/kit/outcomes";
import { withRefused } from "./refused.ts";

test.each<[string, Feature | undefined, string]>([
  ["spec.cpus", Feature.CPU, ""],
  ["spec.tpm.version", Feature.TPM, ""],
  ["spec.nested_virtualization", Feature.NESTED_VIRTUALIZATION, ""],
  ["spec.disks[data].size_bytes", Feature.DISK_SIZE, "data"],
  ["spec.disks[a.b].storage_class", Feature.STORAGE_CLASS, "a.b"],
  ["spec.disks[a[1]]", Feature.DISK_SIZE, "a[1]"],
  ["spec.network_interfaces[eth0]", Feature.NETWORK_INTERFACE, "eth0"],
  ["spec.network_interfaces[eth0].vlan_id", Feature.VLAN, "eth0"],
  ["spec.placement.cluster", Feature.PLACEMENT, ""],
  ["spec.image", Feature.IMAGE, ""],
  ["spec.name", undefined, ""],
])("a violation of %s refuses %s", (field, feature, subject) => {
  const refused = withRefused([], [{ field, reason: "WHY", description: "because" }]);
  expect(refused).toEqual(
    feature === undefined ? [] : [entry(feature, { subject, outcome: Outcome.REFUSED, reason: "because" })],
  );
});

test("a refusal takes the place of what would have become of the knob, and occurs once", () => {
  const cpu = entry(Feature.CPU, { observedValue: "2" });
  const size = (subject: string) => entry(Feature.DISK_SIZE, { subject, observedValue: "1" });
  const refuse = (field: string, description: string) => ({ field, reason: "WHY", description });
  expect(
    withRefused(
      [cpu, size("a"), size("b")],
      [refuse("spec.disks[a].size_bytes", "first"), refuse("spec.disks[a]", "second")],
    ),
  ).toEqual([
    cpu,
    size("b"),
    entry(Feature.DISK_SIZE, { subject: "a", outcome: Outcome.REFUSED, reason: "first" }),
  ]);
});
