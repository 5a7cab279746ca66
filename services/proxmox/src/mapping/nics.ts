import type { NetworkInterface } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { encodeNet } from "./language/net.ts";
import { macFor } from "./mac-address.ts";
import { bridgeOf } from "./networks.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { assigned } from "./sriov.ts";
import { atLeast } from "./versions.ts";
import type { Parameters } from "./vm-config.ts";

/** QEMU's network cards, by the names that manifests use, and the first Proxmox VE that has each. */
const models: Readonly<Record<string, string>> = {
  virtio: "6.0",
  e1000: "6.0",
  rtl8139: "6.0",
  vmxnet3: "6.0",
  e1000e: "7.0",
};

/** Largest MTU of a `net` option. */
const mostMtu = 65_520;

export interface NicScope {
  uid: string;
  node: Node;
  settings: Settings;
}

/** The option of the n-th interface: emulated ones keep their place in the numbering, so that `ipconfig` can name it. */
export const netName = (index: number): string => `net${index}`;

/** The VM's network interfaces, in the order of the spec. */
export function nics(wanted: readonly NetworkInterface[], scope: NicScope, problems: Problems): Parameters {
  const options = wanted.flatMap((nic, index): [string, string][] => {
    if (nic.sriovDevice !== "") return [];
    const option = emulated(nic, scope, problems);
    return option === undefined ? [] : [[netName(index), option]];
  });
  return { ...Object.fromEntries(options), ...assigned(wanted, scope.node, problems) };
}

/** The address that an interface gets, asked for or not. */
export const macOf = ({ macAddress, name }: NetworkInterface, uid: string): string =>
  macAddress === "" ? macFor(uid, name) : macAddress.toUpperCase();

function emulated(
  nic: NetworkInterface,
  { uid, node, settings }: NicScope,
  problems: Problems,
): string | undefined {
  const field = `spec.network_interfaces[${nic.name}]`;
  const model = modelOf(nic, node, problems);
  const mtu = mtuOf(nic, model, problems);
  const bridge = bridgeOf(nic, node, settings, problems);
  if (model === undefined || bridge === undefined) return undefined;
  return problems.written(field, () =>
    encodeNet({
      model,
      mac: macOf(nic, uid),
      bridge,
      vlan: nic.vlanId,
      mtu,
      firewall: nic.proxmox?.firewall,
    }),
  );
}

function modelOf({ name, model }: NetworkInterface, node: Node, problems: Problems): string | undefined {
  const wanted = (model || "virtio").toLowerCase();
  const known = Object.keys(models).filter((one) => atLeast(node.version, models[one] ?? ""));
  if (known.includes(wanted)) return wanted;
  return problems.add(
    `spec.network_interfaces[${name}].model`,
    "NETWORK_MODEL_UNSUPPORTED",
    `${model} is not a network card of Proxmox VE ${node.version}; use ${known.join(", ")}`,
  );
}

/** Only virtio tells the guest an MTU; 1 would mean the bridge's own. */
function mtuOf(
  { name, mtuBytes }: NetworkInterface,
  model: string | undefined,
  problems: Problems,
): number | undefined {
  if (mtuBytes === undefined) return undefined;
  const refuse = (text: string): undefined =>
    problems.add(`spec.network_interfaces[${name}].mtu_bytes`, "MTU_UNSUPPORTED", text);
  if (model !== "virtio")
    return refuse("Proxmox VE sets the MTU of virtio cards only; leave the model or the MTU out");
  if (mtuBytes > mostMtu) return refuse(`Proxmox VE sets an MTU of ${mostMtu} at the most, not ${mtuBytes}`);
  return mtuBytes;
}
