import { createHash } from "node:crypto";
import type { Cluster } from "../model/cluster.ts";
import type { VmConfig } from "../model/config.ts";
import type { Major } from "../release.ts";
import { parsePropertyString, splitList } from "../schema/check.ts";
import { netFormat } from "../schema/net.ts";

/** What the nodes resolve names with. */
const NAMESERVER = "10.255.255.53";

/** The user-data that PVE writes. */
export function userData(config: Readonly<VmConfig>, vmid: number, major: Major, masked: boolean): string {
  const { ciuser, cipassword, sshkeys, ciupgrade } = config;
  const name = config["name"] ?? `VM${vmid}`;
  const keys = decodeURIComponent(sshkeys ?? "")
    .split("\n")
    .filter((key) => key.trim() !== "");
  const lines = [
    "#cloud-config",
    `hostname: ${name.split(".")[0]}`,
    "manage_etc_hosts: true",
    ...fqdn(config, name, major),
    ...(ciuser === undefined ? [] : [`user: ${ciuser}`]),
    ...(ciuser === "root" ? ["disable_root: False"] : []),
    ...(cipassword === undefined ? [] : [`password: ${masked ? "**********" : cipassword}`]),
    ...(keys.length === 0 ? [] : ["ssh_authorized_keys:", ...keys.map((key) => `  - ${key}`)]),
    "chpasswd:",
    "  expire: False",
    ...(ciuser === "root" ? [] : ["users:", "  - default"]),
    ...(ciupgrade === "0" ? [] : ["package_upgrade: true"]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Up to 8 only a name with dots, or a search domain, makes one. */
function fqdn(config: Readonly<VmConfig>, name: string, major: Major): string[] {
  if (name.includes(".")) return [`fqdn: ${name}`];
  const domain = config["searchdomain"]?.split(/\s+/)[0];
  if (domain !== undefined) return [`fqdn: ${name}.${domain}`];
  return major >= 7 ? [`fqdn: ${name}`] : [];
}

/** The network configuration, version 1, that PVE writes for NoCloud. */
export function networkData(cluster: Cluster, config: Readonly<VmConfig>): string {
  const lines = ["version: 1", "config:"];
  const cards = Object.keys(config)
    .filter((name) => /^net\d+$/.test(name))
    .sort();
  for (const card of cards) {
    const ipconfig = config[`ipconfig${card.slice(3)}`];
    if (ipconfig !== undefined) lines.push(...cardLines(cluster, card, config[card] ?? "", ipconfig));
  }
  const servers = splitList(config["nameserver"] ?? NAMESERVER);
  const domains = splitList(config["searchdomain"] ?? "");
  lines.push("    - type: nameserver", "      address:", ...servers.map((server) => `      - '${server}'`));
  if (domains.length > 0) lines.push("      search:", ...domains.map((domain) => `      - '${domain}'`));
  return `${lines.join("\n")}\n`;
}

function cardLines(cluster: Cluster, card: string, net: string, ipconfig: string): string[] {
  const { macaddr = "" } = parsePropertyString({ keys: netFormat(cluster.release.major) }, net, cluster.book);
  const keys = Object.fromEntries(ipconfig.split(",").map((part) => part.split("=") as [string, string]));
  return [
    "    - type: physical",
    `      name: eth${card.slice(3)}`,
    `      mac_address: '${macaddr.toLowerCase()}'`,
    "      subnets:",
    ...subnet4(keys["ip"], keys["gw"]),
    ...subnet6(keys["ip6"], keys["gw6"]),
  ];
}

function subnet4(ip: string | undefined, gateway: string | undefined): string[] {
  if (ip === undefined) return [];
  if (ip === "dhcp") return ["      - type: dhcp4"];
  const [address, prefix = "32"] = ip.split("/");
  return [
    "      - type: static",
    `        address: '${address}'`,
    `        netmask: '${netmask(Number(prefix))}'`,
    ...(gateway === undefined ? [] : [`        gateway: '${gateway}'`]),
  ];
}

function subnet6(ip: string | undefined, gateway: string | undefined): string[] {
  if (ip === undefined) return [];
  if (ip === "dhcp") return ["      - type: dhcp6"];
  if (ip === "auto") return ["      - type: ipv6_slaac"];
  return [
    "      - type: static6",
    `        address: '${ip}'`,
    ...(gateway === undefined ? [] : [`        gateway: '${gateway}'`]),
  ];
}

function netmask(prefix: number): string {
  const bits = "1".repeat(prefix).padEnd(32, "0");
  return [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join(".");
}

/** The meta-data: its instance id is a digest of the others. */
export function metaData(cluster: Cluster, config: Readonly<VmConfig>, vmid: number): string {
  const content = userData(config, vmid, cluster.release.major, false) + networkData(cluster, config);
  return `instance-id: ${createHash("sha1").update(content).digest("hex")}\n`;
}
