import type { NetworkInterface } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { listNames, type Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";

/** What Proxmox VE's installer calls the bridge that it makes. */
const installersBridge = "vmbr0";

/** The bridge or vnet that an interface names, or the operator's default; violations list what exists. */
export function bridgeOf(
  nic: NetworkInterface,
  { name: node, bridges }: Node,
  settings: Settings,
  problems: Problems,
): string | undefined {
  const field = `spec.network_interfaces[${nic.name}]`;
  const isForOthers = nic.proxmox === undefined && (nic.vsphere ?? nic.libvirt) !== undefined;
  if (isForOthers)
    return problems.add(
      field,
      "NETWORK_SOURCE_MISSING",
      "names no network of Proxmox VE; add network.proxmox.bridge to its attachment",
    );
  const wanted = nic.proxmox?.bridge || settings.bridge || installersBridge;
  if (bridges.includes(wanted)) return wanted;
  return problems.add(
    `${field}.proxmox.bridge`,
    "NETWORK_UNKNOWN",
    `node ${node} has no bridge or SDN vnet ${wanted} that the provider may use; there are: ${listNames(bridges)}; name one of them, or give the provider's token SDN.Use on its zone (Proxmox VE 8 and later)`,
  );
}
