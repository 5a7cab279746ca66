import { withRefused as withRefusedFields } from "@virtrigaud/kit/outcomes";
import { type AppliedCapability, Feature, type Violation } from "@virtrigaud/proto";

/** The knob of each field of a disk or network interface, or of the member as a whole: "". */
const memberFeatures: Readonly<Record<string, Readonly<Record<string, Feature>>>> = {
  disks: {
    "": Feature.DISK_SIZE,
    size_bytes: Feature.DISK_SIZE,
    storage_class: Feature.STORAGE_CLASS,
    controller: Feature.DISK_CONTROLLER,
    iops_limit: Feature.DISK_IOPS_LIMIT,
  },
  network_interfaces: {
    "": Feature.NETWORK_INTERFACE,
    model: Feature.NETWORK_INTERFACE,
    mac_address: Feature.MAC_ADDRESS,
    vlan_id: Feature.VLAN,
    mtu_bytes: Feature.MTU,
    sriov_device: Feature.SRIOV,
  },
};

const specFeatures: Readonly<Record<string, Feature>> = {
  image: Feature.IMAGE,
  placement: Feature.PLACEMENT,
  extra_config: Feature.EXTRA_CONFIG,
  cloud_init: Feature.CLOUD_INIT,
};

/** The list with each knob that a violation is about as REFUSED, once, in place of what would have become of it. */
export const withRefused = (
  applied: readonly AppliedCapability[],
  violations: readonly Violation[],
): AppliedCapability[] =>
  withRefusedFields(applied, violations, { members: memberFeatures, spec: specFeatures });
