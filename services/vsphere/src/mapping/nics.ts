import type { NetworkInterface } from "@virtrigaud/proto";
import type { VirtualDevice, VirtualDeviceConfigSpec, VirtualEthernetCard } from "../vim/types.ts";
import { asSent, canBeSent } from "./device.ts";
import { backingFor, findNetwork, networkKey, type NetworkScope } from "./networks.ts";
import type { Problems } from "./problems.ts";

/** Adapters by the name that people give them. */
const models = new Map<string, VirtualEthernetCard["$type"]>([
  ["vmxnet3", "VirtualVmxnet3"],
  ["e1000", "VirtualE1000"],
  ["e1000e", "VirtualE1000e"],
]);

/** Adapters that templates may have and specs cannot ask for. */
const otherCards = [
  "VirtualPCNet32",
  "VirtualVmxnet",
  "VirtualVmxnet2",
  "VirtualVmxnet3Vrdma",
  "VirtualSriovEthernetCard",
];
const cardTypes: ReadonlySet<string> = new Set([...models.values(), ...otherCards]);

/** The network cards in the order in which the guest sees them: existing ones by key, then new ones as they are added. */
export function nicsOf(devices: readonly VirtualDevice[]): VirtualEthernetCard[] {
  const cards = devices.filter((device): device is VirtualEthernetCard => cardTypes.has(device.$type));
  const isNew = ({ key }: VirtualDevice) => Number(key < 0);
  return cards.sort((a, b) => isNew(a) - isNew(b) || Math.abs(a.key) - Math.abs(b.key));
}

export interface NicScope extends NetworkScope {
  /** Whether cards beyond the wanted ones go. */
  removeOthers: boolean;
}

/**
 * Device changes that lead from the existing network cards to the wanted ones. Cards are matched by position and edited, so that a template's
 * card is reused rather than joined by a second one. A card of another kind is replaced, and all behind it with it, for new cards come last.
 */
export function nicChanges(
  wanted: readonly NetworkInterface[],
  existing: readonly VirtualDevice[],
  scope: NicScope,
  problems: Problems,
): VirtualDeviceConfigSpec[] {
  const present = nicsOf(existing);
  const cards = wanted.map((nic, index) => wantedCard(nic, index, scope, problems));
  const other = present.findIndex((found, at) => cards[at] !== undefined && cards[at].$type !== found.$type);
  const kept = other === -1 ? wanted.length : other;
  const last = scope.removeOthers && wanted.length > 0 ? present.length : wanted.length;
  return [
    ...present.slice(kept, last).flatMap((found) => removal(found, problems)),
    ...cards.flatMap((card, index): VirtualDeviceConfigSpec[] => {
      const found = index < kept ? present[index] : undefined;
      if (card === undefined) return [];
      return found === undefined ? [{ operation: "add", device: card }] : edit(found, card);
    }),
  ];
}

function removal(found: VirtualEthernetCard, problems: Problems): VirtualDeviceConfigSpec[] {
  if (canBeSent(found)) return [{ operation: "remove", device: asSent(found) }];
  const label = found.deviceInfo?.label ?? `adapter ${found.key}`;
  problems.add(
    "spec.network_interfaces",
    "NETWORK_MODEL_UNSUPPORTED",
    `${label} of the template is a ${found.$type}, which this provider cannot replace; change it in the template`,
  );
  return [];
}

function wantedCard(
  nic: NetworkInterface,
  index: number,
  scope: NetworkScope,
  problems: Problems,
): VirtualEthernetCard | undefined {
  const field = `spec.network_interfaces[${nic.name}]`;
  const $type = models.get((nic.model || "vmxnet3").toLowerCase());
  if ($type === undefined)
    problems.add(
      `${field}.model`,
      "NETWORK_MODEL_UNSUPPORTED",
      `${nic.model} is not a vSphere adapter; use ${[...models.keys()].join(", ")}`,
    );
  refuseUnsupported(nic, field, problems);
  const network = findNetwork(nic, field, scope, problems);
  if ($type === undefined || network === undefined) return undefined;
  return {
    $type,
    key: -300 - index,
    backing: backingFor(network),
    connectable: { startConnected: true, allowGuestControl: true, connected: true },
    ...(nic.macAddress === ""
      ? { addressType: "generated" }
      : { addressType: "manual", macAddress: nic.macAddress.toLowerCase() }),
  };
}

/** What vSphere holds on the port group or switch, not on a VM's card. */
function refuseUnsupported(nic: NetworkInterface, field: string, problems: Problems): void {
  if (nic.vlanId !== undefined)
    problems.add(
      `${field}.vlan_id`,
      "VLAN_UNSUPPORTED",
      "on vSphere the port group holds the VLAN; name a port group that has it",
    );
  if (nic.mtuBytes !== undefined)
    problems.add(
      `${field}.mtu_bytes`,
      "MTU_UNSUPPORTED",
      "on vSphere the switch holds the MTU; set it there and in the guest",
    );
  if (nic.sriovDevice !== "")
    problems.add(
      `${field}.sriov_device`,
      "SRIOV_UNSUPPORTED",
      "this provider does not assign SR-IOV functions; leave it out",
    );
}

/** The change that makes an existing card the wanted one, if any. Everything else about it stays. */
function edit(found: VirtualEthernetCard, wanted: VirtualEthernetCard): VirtualDeviceConfigSpec[] {
  const isAttached =
    networkKey(found.backing) === networkKey(wanted.backing) && found.connectable?.startConnected !== false;
  const isAddressed = hasAddress(found, wanted);
  if (isAttached && isAddressed) return [];
  const { macAddress, addressType, ...kept } = asSent(found);
  const { backing, connectable } = wanted;
  const device: VirtualEthernetCard = {
    ...kept,
    ...(isAttached ? {} : { ...(backing && { backing }), ...(connectable && { connectable }) }),
    ...addressOf(isAddressed ? found : wanted),
  };
  return [{ operation: "edit", device }];
}

/** A fixed address of a template must not end up on two VMs: where none is asked for, vCenter shall choose. */
function hasAddress(found: VirtualEthernetCard, wanted: VirtualEthernetCard): boolean {
  if (wanted.macAddress !== undefined) return found.macAddress?.toLowerCase() === wanted.macAddress;
  return found.addressType?.toLowerCase() !== "manual";
}

const addressOf = ({ addressType, macAddress }: VirtualEthernetCard): Partial<VirtualEthernetCard> => ({
  ...(addressType === undefined ? {} : { addressType }),
  ...(macAddress === undefined ? {} : { macAddress }),
});
