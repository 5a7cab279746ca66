import type { NetworkInterface } from "@virtrigaud/proto";
import type { ManagedObjectReference, VirtualDeviceBackingInfo } from "../vim/types.ts";
import type { Inventory, Network } from "./inventory.ts";
import type { Placement } from "./placement.ts";
import { listNames, type Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";

export interface NetworkScope {
  inventory: Inventory;
  settings: Settings;
  placement: Pick<Placement, "datacenter" | "candidates">;
}

/** The port group or segment that an interface is attached to by name; "" when nobody names one. */
export const portgroupName = (nic: NetworkInterface, settings: Settings): string =>
  nic.vsphere?.portgroup || settings.defaults.network || "";

/** The network an interface is attached to, among those that every candidate host reaches; a violation lists them. */
export function findNetwork(
  nic: NetworkInterface,
  field: string,
  { inventory, settings, placement }: NetworkScope,
  problems: Problems,
): Network | undefined {
  const name = portgroupName(nic, settings);
  if (name === "") {
    return problems.add(
      field,
      "NETWORK_SOURCE_MISSING",
      "the network attachment names no vSphere port group; add network.vsphere.portgroup, or set Provider.spec.defaults.network",
    );
  }
  const usable = inventory.networks.filter(
    ({ id, datacenter, uplink }) =>
      datacenter === placement.datacenter.id &&
      !uplink &&
      placement.candidates.every((host) => host.networks.includes(id)),
  );
  const wantedSwitch = nic.vsphere?.distributedSwitch ?? "";
  const found = usable.filter(
    (network) =>
      network.name === name && (wantedSwitch === "" || network.distributed?.switchName === wantedSwitch),
  );
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    const switches = listNames(found.map(({ distributed }) => distributed?.switchName ?? "standard"));
    const text = `port group ${name} exists on several switches (${switches}); add network.vsphere.distributedSwitch`;
    return problems.add(field, "NETWORK_AMBIGUOUS", text);
  }
  const what = wantedSwitch === "" ? name : `${name} of switch ${wantedSwitch}`;
  const names = listNames(usable.map((network) => network.name));
  return problems.add(
    field,
    "NETWORK_UNKNOWN",
    `no port group ${what} is reachable from the chosen hosts; there are: ${names}`,
  );
}

/** How a card says what it is attached to. */
export function backingFor(network: Network): VirtualDeviceBackingInfo {
  const { distributed, opaque } = network;
  if (distributed !== undefined) {
    const { switchUuid, portgroupKey } = distributed;
    return {
      $type: "VirtualEthernetCardDistributedVirtualPortBackingInfo",
      port: { switchUuid, portgroupKey },
    };
  }
  if (opaque !== undefined) {
    return {
      $type: "VirtualEthernetCardOpaqueNetworkBackingInfo",
      opaqueNetworkId: opaque.id,
      opaqueNetworkType: opaque.type,
    };
  }
  return {
    $type: "VirtualEthernetCardNetworkBackingInfo",
    deviceName: network.name,
    network: network.ref as ManagedObjectReference<"Network">,
  };
}

/** What a card is attached to, in a form that can be compared and shown. */
export function networkKey(backing: VirtualDeviceBackingInfo | undefined): string {
  switch (backing?.$type) {
    case "VirtualEthernetCardDistributedVirtualPortBackingInfo":
      return `${backing.port.portgroupKey} on ${backing.port.switchUuid}`;
    case "VirtualEthernetCardNetworkBackingInfo":
      return backing.deviceName;
    case "VirtualEthernetCardOpaqueNetworkBackingInfo":
      return `${backing.opaqueNetworkType} ${backing.opaqueNetworkId}`;
    default:
      return "";
  }
}

/** The name by which people know what a card is attached to; its key where the inventory has none. */
export function networkName(backing: VirtualDeviceBackingInfo | undefined, { networks }: Inventory): string {
  const key = networkKey(backing);
  return networks.find((network) => networkKey(backingFor(network)) === key)?.name ?? key;
}
