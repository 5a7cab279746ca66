import { entry, outcomeTable } from "@virtrigaud/kit/outcomes";
import { type AppliedCapability, Feature, Outcome, type Violation } from "@virtrigaud/proto";

/** The knob of each field of a disk or network interface, or of the member as a whole: "". */
const memberFeatures: Readonly<Record<string, Readonly<Record<string, Feature>>>> = {
  disks: {
    "": Feature.DISK_SIZE,
    size_bytes: Feature.DISK_SIZE,
    storage_class: Feature.STORAGE_CLASS,
    controller: Feature.DISK_CONTROLLER,
  },
  network_interfaces: {
    "": Feature.NETWORK_INTERFACE,
    "proxmox.bridge": Feature.NETWORK_INTERFACE,
    model: Feature.NETWORK_INTERFACE,
    mac_address: Feature.MAC_ADDRESS,
    vlan_id: Feature.VLAN,
    mtu_bytes: Feature.MTU,
    static_address: Feature.STATIC_ADDRESS,
    sriov_device: Feature.SRIOV,
  },
};

const specFeatures: Readonly<Record<string, Feature>> = {
  image: Feature.IMAGE,
  placement: Feature.PLACEMENT,
  extra_config: Feature.EXTRA_CONFIG,
  cloud_init: Feature.CLOUD_INIT,
  tags: Feature.TAGS,
};

type Knob = Pick<AppliedCapability, "feature" | "subject">;

/** The list with each knob that a violation is about as REFUSED, once, in place of what would have become of it. */
export function withRefused(
  applied: readonly AppliedCapability[],
  violations: readonly Violation[],
): AppliedCapability[] {
  const refused = new Map<string, AppliedCapability>();
  for (const { field, description } of violations) {
    const knob = knobOf(field);
    if (knob === undefined || refused.has(keyOf(knob))) continue;
    refused.set(keyOf(knob), entry(knob.feature, { ...knob, outcome: Outcome.REFUSED, reason: description }));
  }
  return [...applied.filter((one) => !refused.has(keyOf(one))), ...refused.values()];
}

const keyOf = ({ feature, subject }: Knob): string => `${feature} ${subject}`;

function knobOf(field: string): Knob | undefined {
  const row = outcomeTable.find((one) => one.field === field);
  if (row !== undefined) return { feature: row.feature, subject: "" };
  const [, list = "", subject = "", member = ""] =
    /^spec\.(disks|network_interfaces)\[(.*)\](?:\.([\w.]+))?$/.exec(field) ?? [];
  const [, top = ""] = /^spec\.(\w+)/.exec(field) ?? [];
  const feature = memberFeatures[list]?.[member] ?? specFeatures[top];
  return feature && { feature, subject };
}
