import { type AppliedCapability, Feature, type NetworkInterface, type VMSpec } from "@virtrigaud/proto";
import type { VirtualEthernetCard } from "../vim/types.ts";
import { entry } from "@virtrigaud/kit/outcomes";
import type { KnobSource } from "./knobs.ts";
import { networkKey } from "./networks.ts";
import { nicsOf } from "./nics.ts";
import { optionMap } from "./ownership.ts";

/** What became of what was asked of each network interface, as its card and the guest's metadata say. */
export function appliedNics(spec: VMSpec, { hardware, extraConfig = [] }: KnobSource): AppliedCapability[] {
  const cards = nicsOf(hardware.device ?? []);
  const hasMetadata = optionMap(extraConfig).has("guestinfo.metadata");
  return spec.networkInterfaces.flatMap((nic, index) => {
    const card = cards[index];
    return [
      ...(card === undefined ? [] : appliedCard(nic, card)),
      ...(nic.staticAddress !== undefined && hasMetadata ? [staticAddress(nic)] : []),
    ];
  });
}

function appliedCard({ name: subject, macAddress }: NetworkInterface, card: VirtualEthernetCard) {
  const attached = entry(Feature.NETWORK_INTERFACE, {
    subject,
    mechanism: `${card.$type}.backing`,
    observedValue: networkKey(card.backing),
  });
  if (macAddress === "" || card.macAddress?.toLowerCase() !== macAddress.toLowerCase()) return [attached];
  const observedValue = card.macAddress;
  return [
    attached,
    entry(Feature.MAC_ADDRESS, { subject, mechanism: `${card.$type}.macAddress`, observedValue }),
  ];
}

const staticAddress = ({ name }: NetworkInterface): AppliedCapability =>
  entry(Feature.STATIC_ADDRESS, {
    subject: name,
    mechanism: "config.extraConfig[guestinfo.metadata]",
    observedValue: "present",
  });
