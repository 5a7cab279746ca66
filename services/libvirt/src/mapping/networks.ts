import type { NetworkInterface } from "@virtrigaud/proto";
import { listNames, type Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { atLeast } from "./versions.ts";
import { all, first, parseXml, textOf } from "./xml.ts";

/** A libvirt network. */
export interface Network {
  name: string;
  active: boolean;
  /** Forward mode: "nat", "bridge", "hostdev" …; "isolated" without any. */
  mode: string;
  bridge: string;
  openVswitch: boolean;
}

/** Reads a network's description; whether it is active comes from another call. */
export function parseNetwork(xml: string, active: boolean): Network {
  const root = parseXml(xml);
  const forward = first(root, "forward");
  return {
    name: textOf(root, "name") ?? "",
    active,
    mode: forward === undefined ? "isolated" : (forward.attributes.mode ?? "nat"),
    bridge: first(root, "bridge")?.attributes.name ?? "",
    openVswitch: all(root, "virtualport").some(({ attributes }) => attributes.type === "openvswitch"),
  };
}

/** What an interface is attached to. */
export type Attachment = { network: Network } | { bridge: string };

/** The attachment that an interface names, or the provider's default; violations list what exists. */
export function attachment(
  nic: NetworkInterface,
  networks: readonly Network[],
  settings: Settings,
  problems: Problems,
): Attachment | undefined {
  const field = `spec.network_interfaces[${nic.name}]`;
  if (nic.libvirt?.bridge) return { bridge: nic.libvirt.bridge };
  const isForOthers = nic.libvirt === undefined && (nic.vsphere ?? nic.proxmox) !== undefined;
  if (isForOthers)
    return problems.add(
      field,
      "NETWORK_SOURCE_MISSING",
      "names no network of libvirt; add network.libvirt.networkName or network.libvirt.bridge.name to its attachment",
    );
  const name = nic.libvirt?.network || settings.defaultNetwork || "default";
  return namedNetwork(name, `${field}.libvirt.network`, networks, problems);
}

export function namedNetwork(
  name: string,
  field: string,
  networks: readonly Network[],
  problems: Problems,
): Attachment | undefined {
  const network = networks.find((one) => one.name === name);
  if (network === undefined)
    return problems.add(
      field,
      "NETWORK_UNKNOWN",
      `there is no libvirt network ${name}; there are: ${listNames(networks.map((one) => one.name))}; name one of them or a host bridge`,
    );
  if (!network.active)
    problems.add(
      field,
      "NETWORK_INACTIVE",
      `network ${name} is not active; start it: virsh net-start ${name}`,
    );
  return { network };
}

/** Whether libvirt can put a VLAN tag on an interface there. Plain Linux bridges since 11.0. */
export function takesVlan(to: Attachment, libvirtVersion: number): boolean {
  if (!("network" in to)) return atLeast(libvirtVersion, "11.0.0");
  const { openVswitch, mode } = to.network;
  return openVswitch || mode === "hostdev" || (mode === "bridge" && atLeast(libvirtVersion, "11.0.0"));
}
