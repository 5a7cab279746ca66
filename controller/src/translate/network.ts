import type { NetworkInterface, StaticAddress } from "@virtrigaud/proto";
import type { Provider } from "../api/provider.ts";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { VMNetworkAttachment } from "../api/vm-network-attachment.ts";
import type { Report } from "../obstacle.ts";
import type { Inputs } from "./inputs.ts";

type Network = NonNullable<VirtualMachine["spec"]["networks"]>[number];
type Attached = Pick<NetworkInterface, "vsphere" | "libvirt" | "proxmox" | "model" | "vlanId" | "mtuBytes">;

/** One interface per network of the VM, in the guest's order. */
export function networkInterfaces({ vm, attachments, provider }: Inputs, report: Report): NetworkInterface[] {
  return (vm.spec.networks ?? []).map((network, index) => {
    const attachment = attachments[index];
    return {
      name: network.name,
      ...(attachment === undefined ? defaultNetwork(provider) : attached(attachment, provider)),
      macAddress: network.macAddress?.replaceAll("-", ":").toLowerCase() ?? "",
      staticAddress: staticAddress(network, report),
      sriovDevice: "",
    };
  });
}

/** A network that names no attachment is on the Provider's default network, or on what the provider itself takes for one. */
function defaultNetwork({ spec }: Provider): Attached {
  const name = spec.defaults?.network ?? "";
  return {
    vsphere: { portgroup: name, distributedSwitch: "" },
    libvirt: { network: name, bridge: "" },
    proxmox: { bridge: name, firewall: undefined },
    model: "",
    vlanId: undefined,
    mtuBytes: undefined,
  };
}

function attached({ spec: { network } }: VMNetworkAttachment, provider: Provider): Attached {
  const { vsphere, libvirt, proxmox, mtu } = network;
  const [model, vlanId, ownMtu] =
    provider.spec.type === "vsphere"
      ? [vsphere?.adapterType, vsphere?.vlan?.vlanID, undefined]
      : provider.spec.type === "proxmox"
        ? [proxmox?.model, proxmox?.vlanTag, proxmox?.mtu]
        : [libvirt?.model, undefined, undefined];
  return {
    vsphere: vsphere && {
      portgroup: vsphere.portgroup ?? "",
      distributedSwitch: vsphere.distributedSwitch?.name ?? "",
    },
    libvirt: libvirt && { network: libvirt.networkName ?? "", bridge: libvirt.bridge?.name ?? "" },
    proxmox: proxmox && { bridge: proxmox.bridge ?? "", firewall: proxmox.firewall },
    model: model ?? "",
    vlanId,
    mtuBytes: ownMtu ?? mtu,
  };
}

/** The address to give the guest; undefined: DHCP. */
function staticAddress(
  { name, ipAddress, prefix, gateway, dns }: Network,
  report: Report,
): StaticAddress | undefined {
  if (ipAddress === undefined) return undefined;
  if (prefix === undefined) {
    report("AddressIncomplete", `spec.networks[${name}]: ipAddress ${ipAddress} needs prefix, e.g. 24`);
    return undefined;
  }
  return {
    cidr: `${ipAddress}/${prefix}`,
    gateway: gateway ?? "",
    dnsServers: dns?.split(/[\s,]+/).filter(Boolean) ?? [],
  };
}
