import type { NetworkInterface, StaticAddress, VMSpec } from "@virtrigaud/proto";
import { cloudInitVolume } from "./found-disks.ts";
import type { Node } from "./inventory.ts";
import { decodeIpConfig } from "./language/ipconfig.ts";
import { decodeNet, type Net } from "./language/net.ts";
import { bridgeOf } from "./networks.ts";
import { macOf } from "./nics.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { numbered, optionOf, type VmConfig } from "./vm-config.ts";

/** An emulated network card of a VM. */
export interface FoundNic {
  /** Its option: "net0". */
  option: string;
  /** Number of that option, and of its `ipconfig`. */
  index: number;
  net: Net;
  /** What was asked for it; undefined for a card that nobody asked for. */
  wish: NetworkInterface | undefined;
}

/** What interfaces are read with. */
export interface InterfaceSight {
  asked: VMSpec | undefined;
  uid: string;
  node: Node | undefined;
  settings: Settings;
}

/** The cards of a VM, each with the wish that has its address. */
export const foundNics = (
  config: VmConfig,
  { asked, uid }: Pick<InterfaceSight, "asked" | "uid">,
): FoundNic[] =>
  numbered(config, "net").map(([option, value]) => {
    const net = decodeNet(value);
    const wish = asked?.networkInterfaces.find(
      (nic) => nic.sriovDevice === "" && macOf(nic, uid) === net.mac,
    );
    return { option, index: Number(option.slice("net".length)), net, wish };
  });

/** The PCI mapping of each assigned device of a VM, by option. */
export const assignedDevices = (config: VmConfig): [option: string, mapping: string][] =>
  numbered(config, "hostpci").flatMap(([option, value]): [string, string][] => {
    const mapping = /(?:^|,)mapping=([^,]+)/.exec(value)?.[1];
    return mapping === undefined ? [] : [[option, mapping]];
  });

/**
 * The network interfaces of a VM in the contract's words; one that nobody asked for is named by its option. Of devices assigned to it only
 * those are interfaces that were asked for as such: Proxmox VE does not tell what a device is.
 */
export function foundInterfaces(config: VmConfig, sight: InterfaceSight): Partial<NetworkInterface>[] {
  const assigned = assignedDevices(config).map(([, mapping]) => mapping);
  const devices = (sight.asked?.networkInterfaces ?? []).filter(({ sriovDevice }) =>
    assigned.includes(sriovDevice),
  );
  const found = [
    ...foundNics(config, sight).map((nic) => ({
      place: placeOf(nic.wish, sight),
      spec: interfaceSpec(nic, config, sight),
    })),
    ...devices.map((nic) => ({
      place: placeOf(nic, sight),
      spec: { name: nic.name, sriovDevice: nic.sriovDevice },
    })),
  ];
  return found.sort((a, b) => a.place - b.place).map(({ spec }) => spec);
}

function placeOf(wish: NetworkInterface | undefined, { asked }: InterfaceSight): number {
  const wishes = asked?.networkInterfaces ?? [];
  return wish === undefined ? wishes.length : wishes.indexOf(wish);
}

function interfaceSpec(nic: FoundNic, config: VmConfig, sight: InterfaceSight): Partial<NetworkInterface> {
  const { net, wish, option } = nic;
  const { model = "", mac = "" } = net;
  const isDefaultModel = wish?.model === "" && model === "virtio";
  return {
    name: wish?.name ?? option,
    proxmox: attachment(nic, sight),
    macAddress: wish === undefined ? mac.toLowerCase() : wish.macAddress,
    model: isDefaultModel ? "" : wish?.model.toLowerCase() === model ? wish.model : model,
    mtuBytes: net.mtu,
    vlanId: net.vlan,
    staticAddress: foundAddress(nic, config),
  };
}

/** The attachment as it was asked for where it leads to the bridge that the card is on. */
function attachment(
  { net, wish }: FoundNic,
  { node, settings }: InterfaceSight,
): NetworkInterface["proxmox"] {
  const { bridge = "", firewall } = net;
  const isAsked = wish && node && bridgeOf(wish, node, settings, new Problems()) === bridge;
  const wanted = wish?.proxmox?.firewall;
  const isFiltered = firewall === true ? true : (wanted ?? firewall) === undefined ? undefined : false;
  if (isAsked && isFiltered === wanted) return wish.proxmox;
  return {
    bridge: isAsked && wish.proxmox !== undefined ? wish.proxmox.bridge : bridge,
    firewall: isFiltered,
  };
}

/** The address that cloud-init was told: by Proxmox VE's own drive, or by our seed, whose content cannot be read back. */
export function foundAddress({ wish, index }: FoundNic, config: VmConfig): StaticAddress | undefined {
  const told = optionOf(config, `ipconfig${index}`);
  const wanted = wish?.staticAddress;
  if (told === undefined) return cloudInitVolume(config) === undefined ? undefined : wanted;
  const { ip, gateway = "", ip6, gateway6 = "" } = decodeIpConfig(told);
  const [cidr, router] = ip?.includes("/")
    ? [ip, gateway]
    : ip6?.includes("/")
      ? [ip6, gateway6]
      : [undefined, ""];
  if (cidr === undefined) return undefined;
  if (cidr === wanted?.cidr && router === wanted.gateway) return wanted;
  return {
    cidr,
    gateway: router,
    dnsServers: (optionOf(config, "nameserver") ?? "").split(/[ ,;]+/).filter((one) => one !== ""),
  };
}
