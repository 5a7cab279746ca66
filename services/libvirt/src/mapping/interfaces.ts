import { Feature, type NetworkInterface } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { macFor } from "./mac-address.ts";
import { type Attachment, attachment, type Network, takesVlan } from "./networks.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { sriovSource } from "./sriov.ts";
import { atLeast, minimumLibvirt, versionText } from "./versions.ts";
import { el, type Element } from "./xml.ts";

/** QEMU's network cards, by the names that manifests use. */
const models: ReadonlyMap<string, string> = new Map(
  ["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"].map((model) => [model, model]),
);

export interface InterfaceScope {
  uid: string;
  host: HostFacts;
  networks: readonly Network[];
  settings: Settings;
}

/** The VM's network interfaces, in the order of the spec. */
export const interfaces = (
  nics: readonly NetworkInterface[],
  scope: InterfaceScope,
  problems: Problems,
): Element[] =>
  nics.flatMap((nic) =>
    nic.sriovDevice === "" ? emulated(nic, scope, problems) : assigned(nic, scope, problems),
  );

function emulated(nic: NetworkInterface, scope: InterfaceScope, problems: Problems): Element[] {
  const field = `spec.network_interfaces[${nic.name}]`;
  const model = models.get((nic.model || "virtio").toLowerCase());
  if (model === undefined)
    problems.add(
      `${field}.model`,
      "NETWORK_MODEL_UNSUPPORTED",
      `${nic.model} is not a network card of QEMU; use ${[...models.keys()].join(", ")}`,
    );
  checkMtu(nic, scope.host, problems);
  const to = attachment(nic, scope.networks, scope.settings, problems);
  if (to === undefined || model === undefined) return [];
  checkVlan(nic, to, scope.host, problems);
  const isBridge = "bridge" in to;
  return [
    el("interface", { type: isBridge ? "bridge" : "network" }, [
      macElement(nic, scope.uid),
      isBridge ? el("source", { bridge: to.bridge }) : el("source", { network: to.network.name }),
      ...vlan(nic),
      el("model", { type: model }),
      nic.mtuBytes === undefined ? undefined : el("mtu", { size: nic.mtuBytes }),
    ]),
  ];
}

function assigned(nic: NetworkInterface, { uid, networks }: InterfaceScope, problems: Problems): Element[] {
  const field = `spec.network_interfaces[${nic.name}]`;
  if (nic.model !== "")
    problems.add(
      `${field}.model`,
      "CONFLICTING_OPTIONS",
      "a directly assigned device has no model; leave it out",
    );
  if (nic.mtuBytes !== undefined)
    problems.add(
      `${field}.mtu_bytes`,
      "MTU_UNSUPPORTED",
      "the guest sets the MTU of a device that it owns; leave it out",
    );
  const found = sriovSource(nic, networks, problems);
  if (found === undefined) return [];
  const attributes = { type: found.type, managed: found.type === "hostdev" ? "yes" : undefined };
  return [el("interface", attributes, [macElement(nic, uid), found.source, ...vlan(nic)])];
}

const macElement = ({ macAddress, name }: NetworkInterface, uid: string): Element =>
  el("mac", { address: macAddress === "" ? macFor(uid, name) : macAddress.toLowerCase() });

const vlan = ({ vlanId }: NetworkInterface): Element[] =>
  vlanId === undefined ? [] : [el("vlan", {}, [el("tag", { id: vlanId })])];

function checkVlan(nic: NetworkInterface, to: Attachment, { libvirtVersion }: HostFacts, problems: Problems) {
  if (nic.vlanId === undefined || takesVlan(to, libvirtVersion)) return;
  const what = "bridge" in to ? `bridge ${to.bridge}` : `network ${to.network.name}`;
  problems.add(
    `spec.network_interfaces[${nic.name}].vlan_id`,
    "VLAN_UNSUPPORTED",
    `libvirt ${versionText(libvirtVersion)} cannot tag frames on ${what}; name a bridge that carries the VLAN, or a network with <virtualport type='openvswitch'/>`,
  );
}

function checkMtu(nic: NetworkInterface, { libvirtVersion }: HostFacts, problems: Problems): void {
  const minimum = minimumLibvirt[Feature.MTU] ?? "";
  if (nic.mtuBytes === undefined || atLeast(libvirtVersion, minimum)) return;
  problems.add(
    `spec.network_interfaces[${nic.name}].mtu_bytes`,
    "HYPERVISOR_VERSION",
    `an MTU needs libvirt ${minimum}, the host has ${versionText(libvirtVersion)}; leave it out`,
  );
}
