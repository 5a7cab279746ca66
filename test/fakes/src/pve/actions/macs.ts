import { randomBytes } from "node:crypto";
import type { Cluster } from "../model/cluster.ts";
import { parsePropertyString } from "../schema/check.ts";
import { netFormat } from "../schema/net.ts";
import { printPropertyString } from "../schema/print.ts";

/** Gives every network card without a MAC address one; with `anew`, every card a new one. */
export function withMacs(
  cluster: Cluster,
  options: Readonly<Record<string, string>>,
  anew = false,
): Record<string, string> {
  const keys = netFormat(cluster.release.major);
  const entries = Object.entries(options).map(([name, value]): [string, string] => {
    if (!/^net\d+$/.test(name)) return [name, value];
    const net = parsePropertyString({ keys }, value, cluster.book);
    const macaddr = anew ? undefined : net["macaddr"];
    return [name, printPropertyString({ ...net, macaddr: macaddr ?? randomMac(cluster) }, keys)];
  });
  return Object.fromEntries(entries);
}

/** From 8 on with Proxmox's own prefix. */
function randomMac(cluster: Cluster): string {
  const bytes = [...randomBytes(6)];
  bytes[0] = ((bytes[0] ?? 0) & 0xfe) | 2;
  const mac = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(":");
  return cluster.release.major >= 8 ? `BC:24:11${mac.slice(8)}` : mac;
}
