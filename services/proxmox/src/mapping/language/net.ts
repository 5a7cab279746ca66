import { LanguageError } from "./language-error.ts";
import { type Open, propertyString } from "./property-string.ts";
import { decimal, flag, integer, list, text } from "./value.ts";

/** A network card: the options netN. */
export interface Net extends Open {
  /** "virtio", "e1000" … */
  readonly model?: string;
  /** In capitals, as Proxmox VE writes it. Unset: Proxmox VE makes one up. */
  readonly mac?: string;
  /** Bridge or SDN vnet. */
  readonly bridge?: string;
  readonly vlan?: number;
  /** VLANs and ranges of VLANs that pass tagged. */
  readonly trunks?: readonly string[];
  /** Bytes; 1 means the bridge's own, and only virtio has it. */
  readonly mtu?: number;
  readonly queues?: number;
  /** Megabytes per second. */
  readonly rate?: number;
  readonly firewall?: boolean;
  readonly linkDown?: boolean;
}

const macPattern = /[0-9A-Fa-f][02468ACEace](?::[0-9A-Fa-f]{2}){5}/;
const macText = text(macPattern, "a unicast MAC address");
const mac = {
  expects: macText.expects,
  encode: (value: string) => macText.encode(value)?.toUpperCase(),
  decode: (value: string) => macText.decode(value)?.toUpperCase(),
};

const net = propertyString<Net>({
  option: "net",
  defaultKey: "model",
  fields: {
    model: ["model", text(/[a-z][a-z0-9_-]*/, "a network card's model")],
    mac: ["macaddr", mac],
    bridge: ["bridge", text(/[-_.A-Za-z0-9]+/, "the name of a bridge or vnet")],
    vlan: ["tag", integer(1, 4094)],
    trunks: ["trunks", list(text(/\d+(?:-\d+)?/, "a VLAN or a range of them"))],
    mtu: ["mtu", integer(1, 65520)],
    queues: ["queues", integer(0, 64)],
    rate: ["rate", decimal],
    firewall: ["firewall", flag],
    linkDown: ["link_down", flag],
  },
});

/** Writes `virtio=MAC,bridge=…`, the form that every version reads and stores. Throws a {@link LanguageError}. */
export function encodeNet({ model, mac: address, ...others }: Parameters<typeof net.encode>[0]): string {
  if (model === undefined) throw new LanguageError("net.model", model, "given");
  const [card = "", macaddr] = net.encode({ model, mac: address }).split(",");
  const rest = net.encode(others);
  const head = macaddr === undefined ? card : `${card}=${macaddr.slice("macaddr=".length)}`;
  return rest === "" ? head : `${head},${rest}`;
}

const modelAndMac = new RegExp(`^(?!macaddr=)([^=,]+)=(${macPattern.source})$`);

/** Reads that form, and `model=virtio,macaddr=MAC`. */
export function decodeNet(written: string): Net {
  const parts = written.split(",").map((part) => part.replace(modelAndMac, "model=$1,macaddr=$2"));
  return net.decode(parts.join(","));
}
