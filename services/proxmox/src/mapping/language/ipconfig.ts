import { type Open, propertyString } from "./property-string.ts";
import { text } from "./value.ts";

/** Addresses that cloud-init gives the card of the same number: the options ipconfigN. */
export interface IpConfig extends Open {
  /** "dhcp" or an address with prefix length. */
  readonly ip?: string;
  /** Needs `ip`. */
  readonly gateway?: string;
  /** "auto", "dhcp" or an address with prefix length. */
  readonly ip6?: string;
  /** Needs `ip6`. */
  readonly gateway6?: string;
}

const ipconfig = propertyString<IpConfig>({
  option: "ipconfig",
  fields: {
    ip: ["ip", text(/dhcp|manual|\d+(?:\.\d+){3}\/\d+/, "dhcp or an IPv4 address with prefix length")],
    gateway: ["gw", text(/\d+(?:\.\d+){3}/, "an IPv4 address")],
    ip6: [
      "ip6",
      text(/auto|dhcp|manual|[0-9a-fA-F:.]+\/\d+/, "auto, dhcp or an IPv6 address with prefix length"),
    ],
    gateway6: ["gw6", text(/[0-9a-fA-F:.]+/, "an IPv6 address")],
  },
});

export const encodeIpConfig = ipconfig.encode;
export const decodeIpConfig = ipconfig.decode;
