import type { NetworkInterface } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import type { Problems } from "./problems.ts";
import { atLeast, mappingsSince } from "./versions.ts";
import type { Parameters } from "./vm-config.ts";

/** As PVE::JSONSchema's format pve-configid; no PCI address is one. */
const mappingName = /^[a-z][a-z0-9_-]+$/i;

/** Interfaces that are devices of the node, by cluster-wide PCI mapping: an address itself is for root alone to assign. */
export function assigned(nics: readonly NetworkInterface[], node: Node, problems: Problems): Parameters {
  const wanted = nics.filter(({ sriovDevice }) => sriovDevice !== "");
  for (const nic of wanted) check(nic, node, problems);
  return Object.fromEntries(
    wanted.map(({ sriovDevice }, index) => [`hostpci${index}`, `mapping=${sriovDevice},pcie=1`]),
  );
}

function check(nic: NetworkInterface, { name, version }: Node, problems: Problems): void {
  const field = `spec.network_interfaces[${nic.name}]`;
  if (!atLeast(version, mappingsSince))
    problems.add(
      `${field}.sriov_device`,
      "HYPERVISOR_VERSION",
      `an API token can assign devices from Proxmox VE ${mappingsSince} on, node ${name} has ${version}; upgrade it or leave sriovDevice out`,
    );
  else if (!mappingName.test(nic.sriovDevice))
    problems.add(
      `${field}.sriov_device`,
      "SRIOV_DEVICE_UNKNOWN",
      `${nic.sriovDevice} must be the name of a PCI mapping, since Proxmox VE lets only root assign an address; make one under Datacenter > Resource Mappings and give the provider's token Mapping.Use on /mapping/pci/NAME`,
    );
  const settings: [isAsked: boolean, path: string, what: string][] = [
    [nic.model !== "", "model", "has no emulated model"],
    [nic.macAddress !== "", "mac_address", "keeps its own address"],
    [nic.vlanId !== undefined, "vlan_id", "is tagged on the node (ip link set … vf … vlan …)"],
    [nic.mtuBytes !== undefined, "mtu_bytes", "gets its MTU in the guest"],
    [
      nic.staticAddress !== undefined,
      "static_address",
      "cannot be named in the guest's configuration beforehand",
    ],
  ];
  for (const [isAsked, path, what] of settings)
    if (isAsked)
      problems.add(`${field}.${path}`, "CONFLICTING_OPTIONS", `a device of the node's ${what}; leave it out`);
}
