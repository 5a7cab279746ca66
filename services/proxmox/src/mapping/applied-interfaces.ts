import { entry } from "@virtrigaud/kit/outcomes";
import { type AppliedCapability, Feature, type NetworkInterface } from "@virtrigaud/proto";
import type { AppliedInput } from "./applied.ts";
import { assignedDevices, type FoundNic, foundAddress, foundNics } from "./found-interfaces.ts";
import { bridgeOf } from "./networks.ts";
import { Problems } from "./problems.ts";
import { optionOf } from "./vm-config.ts";

/** What became of what was asked of each network interface, as its option says. */
export function appliedInterfaces(input: AppliedInput): AppliedCapability[] {
  const { spec, uid, stored } = input;
  const found = foundNics(stored, { asked: spec, uid });
  return spec.networkInterfaces.flatMap((nic) => {
    if (nic.sriovDevice !== "") return appliedDevice(nic, input);
    const held = found.find(({ wish }) => wish === nic);
    return held === undefined ? [] : appliedInterface(nic, held, input);
  });
}

function appliedDevice(
  { name: subject, sriovDevice }: NetworkInterface,
  { stored }: AppliedInput,
): AppliedCapability[] {
  const [option] = assignedDevices(stored).find(([, mapping]) => mapping === sriovDevice) ?? [];
  return option === undefined
    ? []
    : [entry(Feature.SRIOV, { subject, mechanism: option, observedValue: `mapping=${sriovDevice}` })];
}

function appliedInterface(
  nic: NetworkInterface,
  held: FoundNic,
  { stored, node, settings }: AppliedInput,
): AppliedCapability[] {
  const { net, option, index } = held;
  const found: AppliedCapability[] = [];
  const note = (feature: Feature, mechanism: string, observedValue: string | number | undefined) => {
    if (observedValue !== undefined)
      found.push(entry(feature, { subject: nic.name, mechanism, observedValue: String(observedValue) }));
  };
  if (net.bridge === bridgeOf(nic, node, settings, new Problems()))
    note(Feature.NETWORK_INTERFACE, `${option}: bridge`, net.bridge);
  if (nic.macAddress !== "") note(Feature.MAC_ADDRESS, option, net.mac);
  if (nic.vlanId !== undefined && net.vlan === nic.vlanId) note(Feature.VLAN, `${option}: tag`, net.vlan);
  if (nic.mtuBytes !== undefined && net.mtu === nic.mtuBytes) note(Feature.MTU, `${option}: mtu`, net.mtu);
  if (nic.staticAddress !== undefined && foundAddress(held, stored) === nic.staticAddress) {
    const told = optionOf(stored, `ipconfig${index}`);
    note(
      Feature.STATIC_ADDRESS,
      told === undefined ? "NoCloud network-config" : `ipconfig${index}`,
      told ?? nic.staticAddress.cidr,
    );
  }
  return found;
}
