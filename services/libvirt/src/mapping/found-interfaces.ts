import type { NetworkInterface, VMSpec } from "@virtrigaud/proto";
import { attachedTo, macOf } from "./applied-interfaces.ts";
import { macFor } from "./mac-address.ts";
import { all, type Element, first } from "./xml.ts";

/** The network interfaces of a domain in the contract's words; one that nobody asked for is named by its place. */
export function foundInterfaces(
  domain: Element,
  uid: string,
  asked: VMSpec | undefined,
): Partial<NetworkInterface>[] {
  return all(domain, "devices", "interface").map((device, index) => {
    const mac = macOf(device);
    const wish = asked?.networkInterfaces.find(
      (nic) => mac === (nic.macAddress.toLowerCase() || macFor(uid, nic.name)),
    );
    const { network, bridge } = first(device, "source")?.attributes ?? {};
    const model = first(device, "model")?.attributes.type ?? "";
    const isPool = wish !== undefined && wish.sriovDevice !== "" && network !== undefined;
    return {
      name: wish?.name ?? `net${index}`,
      ...(isPool || (network ?? bridge) === undefined
        ? {}
        : { libvirt: { network: network ?? "", bridge: bridge ?? "" } }),
      macAddress: wish?.macAddress === "" ? "" : mac,
      model: wish?.model === "" && model === "virtio" ? "" : model,
      mtuBytes: number(first(device, "mtu")?.attributes.size),
      vlanId: number(first(device, "vlan", "tag")?.attributes.id),
      staticAddress: wish?.staticAddress,
      sriovDevice: isPool
        ? network
        : device.attributes.type === "hostdev"
          ? attachedTo(device).slice("hostdev ".length)
          : "",
    };
  });
}

const number = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);
