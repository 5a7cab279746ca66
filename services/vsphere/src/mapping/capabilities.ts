import { outcomeTable } from "@virtrigaud/kit/outcomes";
import { type Capability, Feature, featureToNumber, Support, Tristate } from "@virtrigaud/proto";
import type { AboutInfo } from "../vim/types.ts";
import type { Inventory } from "./inventory.ts";
import { anyHostNesting, nestingRemedy } from "./nesting.ts";
import { atLeast, minimumApiVersion } from "./versions.ts";

type Finding = Pick<Capability, "support" | "reason">;
const supported: Finding = { support: Support.SUPPORTED, reason: "" };

/** What this provider implements beyond the knobs of the outcome table, with the vim25 name of what does it. */
const implemented: readonly (readonly [Feature, string])[] = [
  [Feature.DISK_PROVISIONING, "VirtualDiskFlatVer2BackingInfo.thinProvisioned, eagerlyScrub"],
  [Feature.DISK_SIZE, "VirtualDisk.capacityInBytes"],
  [Feature.STORAGE_CLASS, "datastore, or VirtualMachineDefinedProfileSpec"],
  [Feature.DISK_CONTROLLER, "VirtualSCSIController"],
  [Feature.DISK_IOPS_LIMIT, "VirtualDisk.storageIOAllocation.limit"],
  [Feature.NETWORK_INTERFACE, "VirtualEthernetCard"],
  [Feature.MAC_ADDRESS, "VirtualEthernetCard.macAddress"],
  [Feature.STATIC_ADDRESS, "extraConfig guestinfo.metadata"],
  [Feature.IMAGE, "CloneVM_Task"],
  [Feature.PLACEMENT, "VirtualMachineRelocateSpec"],
  [Feature.EXTRA_CONFIG, "config.extraConfig"],
  [Feature.POWER, "PowerOnVM_Task, PowerOffVM_Task, ResetVM_Task, RebootGuest"],
  [Feature.POWER_GRACEFUL_OFF, "ShutdownGuest"],
  [Feature.POWER_SUSPEND, "SuspendVM_Task"],
  [Feature.HOST_CHECK, "HostSystem.capability"],
  [Feature.PLAN, "mapping without a call"],
  [Feature.CANCEL_OPERATION, "CancelTask"],
];

/** What other providers have and this one does not, with the sentence that says so. */
const missing: readonly (readonly [Feature, string])[] = [
  [Feature.MTU, "the switch holds the MTU on vSphere"],
  [Feature.VLAN, "the port group holds the VLAN on vSphere; name one that has it"],
  [Feature.SRIOV, "not implemented by this provider"],
  [Feature.ADOPT, "not implemented by this provider"],
  [Feature.WATCH, "not implemented by this provider; use ListVMs"],
  [Feature.RECONFIGURE, "not implemented by this provider"],
  [Feature.RECONFIGURE_LIVE, "not implemented by this provider"],
  [Feature.DISK_GROW, "not implemented by this provider"],
  [Feature.CLONE_FULL, "not implemented by this provider"],
  [Feature.CLONE_LINKED, "not implemented by this provider"],
  [Feature.SNAPSHOT, "not implemented by this provider"],
  [Feature.SNAPSHOT_MEMORY, "not implemented by this provider"],
  [Feature.SNAPSHOT_QUIESCE, "not implemented by this provider"],
  [Feature.IMAGE_PREPARE, "not implemented by this provider; use a template"],
  [Feature.NESTING_VERIFICATION, "not implemented by this provider"],
  [Feature.CONSOLE, "not implemented by this provider"],
  [Feature.USAGE, "not implemented by this provider"],
];

/** Everything a caller can ask for, as this vCenter has it now. */
export function capabilities(about: AboutInfo, inventory: Inventory): Capability[] {
  const knobs = new Map(
    outcomeTable.flatMap(({ feature, cells }) =>
      cells.vsphere.outcome === "REFUSED" ? [] : [[feature, cells.vsphere.mechanism] as const],
    ),
  );
  const entry = (feature: Feature, mechanism: string, finding: Finding): Capability => ({
    feature,
    mechanism,
    ...finding,
    minimumVersion: minimumApiVersion[feature] ?? "",
    observedVersion: about.apiVersion,
  });
  const all = [
    ...[...knobs].map(([feature, mechanism]) => entry(feature, mechanism, probe(feature, about, inventory))),
    ...implemented.map(([feature, mechanism]) => entry(feature, mechanism, supported)),
    ...missing.map(([feature, reason]) => entry(feature, "", { support: Support.UNSUPPORTED, reason })),
  ];
  return all.sort((a, b) => featureToNumber(a.feature) - featureToNumber(b.feature));
}

function probe(feature: Feature, about: AboutInfo, inventory: Inventory): Finding {
  const minimum = minimumApiVersion[feature];
  if (minimum !== undefined && !atLeast(about.apiVersion, minimum)) {
    return {
      support: Support.UNSUPPORTED,
      reason: `needs vSphere API ${minimum}, this vCenter has ${about.apiVersion}`,
    };
  }
  if (feature === Feature.NESTED_VIRTUALIZATION || feature === Feature.VIRTUALIZATION_BASED_SECURITY)
    return nesting(inventory);
  if (feature === Feature.TPM) return tpm(inventory);
  return supported;
}

function nesting({ hosts }: Inventory): Finding {
  switch (anyHostNesting(hosts.filter(({ available }) => available))) {
    case Tristate.TRUE:
      return supported;
    case Tristate.FALSE:
      return {
        support: Support.UNSUPPORTED,
        reason: `no connected host can nest (capability.nestedHVSupported=false); ${nestingRemedy.join("; ")}`,
      };
    default:
      return {
        support: Support.UNKNOWN,
        reason: "no connected host tells whether it can nest; create a VM and verify it in the guest",
      };
  }
}

function tpm({ hasKeyProvider }: Inventory): Finding {
  if (hasKeyProvider) return supported;
  return hasKeyProvider === undefined
    ? {
        support: Support.UNKNOWN,
        reason: "the key providers could not be read; the account needs Cryptographer.ReadKeyServersInfo",
      }
    : {
        support: Support.UNSUPPORTED,
        reason: "vCenter has no key provider; add one under Configure > Key Providers",
      };
}
