import { type AppliedCapability, Feature, type NetworkInterface } from "@virtrigaud/proto";
import { entry } from "@virtrigaud/kit/outcomes";
import type { AppliedInput } from "./applied.ts";
import { knobValue } from "./knobs.ts";
import { macFor } from "./mac-address.ts";
import { all, type Element, first } from "./xml.ts";

/** What became of what was asked of each network interface, as its device and the seed say. */
export function appliedInterfaces({ spec, stored, uid }: AppliedInput): AppliedCapability[] {
  const seed = knobValue(Feature.CLOUD_INIT, stored);
  return spec.networkInterfaces.flatMap((nic) => {
    const device = deviceOfNic(stored, uid, nic);
    return [
      ...(device === undefined ? [] : appliedInterface(nic, device)),
      ...(nic.staticAddress === undefined || seed === undefined
        ? []
        : [
            entry(Feature.STATIC_ADDRESS, {
              subject: nic.name,
              mechanism: "NoCloud network-config",
              observedValue: seed,
            }),
          ]),
    ];
  });
}

/** The device of an interface, by its MAC address. */
export const deviceOfNic = (domain: Element, uid: string, nic: NetworkInterface): Element | undefined =>
  all(domain, "devices", "interface").find(
    (device) => macOf(device) === (nic.macAddress.toLowerCase() || macFor(uid, nic.name)),
  );

export const macOf = (device: Element): string =>
  (first(device, "mac")?.attributes.address ?? "").toLowerCase();

/** What a device is attached to: "network default", "bridge br0", "hostdev 0000:03:10.1". */
export function attachedTo(device: Element): string {
  const source = first(device, "source");
  const { network, bridge } = source?.attributes ?? {};
  if (network !== undefined) return `network ${network}`;
  if (bridge !== undefined) return `bridge ${bridge}`;
  const pci = first(source, "address")?.attributes;
  return pci === undefined ? (device.attributes.type ?? "") : `hostdev ${pciText(pci)}`;
}

const pciText = ({
  domain = "",
  bus = "",
  slot = "",
  function: fn = "",
}: Readonly<Record<string, string>>): string =>
  `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${hex(fn, 1)}`;

const hex = (text: string, width: number): string => Number(text).toString(16).padStart(width, "0");

function appliedInterface(nic: NetworkInterface, device: Element): AppliedCapability[] {
  const found: AppliedCapability[] = [];
  const note = (feature: Feature, mechanism: string, observedValue: string | undefined) => {
    if (observedValue !== undefined)
      found.push(entry(feature, { subject: nic.name, mechanism, observedValue }));
  };
  note(Feature.NETWORK_INTERFACE, "interface/source", attachedTo(device));
  if (nic.macAddress !== "") note(Feature.MAC_ADDRESS, "interface/mac", macOf(device));
  if (nic.vlanId !== undefined)
    note(Feature.VLAN, "interface/vlan", first(device, "vlan", "tag")?.attributes.id);
  if (nic.mtuBytes !== undefined) note(Feature.MTU, "interface/mtu", first(device, "mtu")?.attributes.size);
  if (nic.sriovDevice !== "") note(Feature.SRIOV, "interface[@type='hostdev']", attachedTo(device));
  return found;
}
