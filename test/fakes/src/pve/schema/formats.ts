import { isIPv4, isIPv6 } from "node:net";
import type { Major } from "../release.ts";
import { cpuFormat } from "./cpu.ts";
import { driveFormat, isDriveName } from "./drives.ts";
import { FormatError, type FormatBook, splitList } from "./check.ts";
import { parseSize } from "./print.ts";
import { sharedFormats } from "./property-formats.ts";

/** Every named format of a major version; `customCpus` tells which custom CPU models exist. */
export function formatBook(major: Major, customCpus: (name: string) => boolean): FormatBook {
  return {
    ...textFormats,
    ...sharedFormats(major),
    "pve-vm-cpu-conf": cpuFormat(major, customCpus),
    "pve-qm-ide": { keys: driveFormat("ide", major, false) },
  };
}

const must = (test: (value: string) => boolean, message: (value: string) => string) => (value: string) => {
  if (!test(value)) throw new FormatError(`${message(value)}\n`);
};
const like = (pattern: RegExp, message: (value: string) => string) =>
  must((value) => pattern.test(value), message);
const looks = (what: string) => () => `value does not look like a valid ${what}`;

const NODE = /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)$/;
const DNS_NAME = /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const VOLUME_ID = /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i;
const CONTENT_TYPE = /^(images|rootdir|vztmpl|iso|backup|snippets|import|none)$/;

const isCidr = (value: string, family: (address: string) => boolean, longest: number) => {
  const match = /^(.+)\/(\d+)$/.exec(value);
  return match !== null && family(match[1] as string) && Number(match[2]) > 7 && Number(match[2]) <= longest;
};
const isCidr4 = (value: string) => isCidr(value, isIPv4, 32);
const isCidr6 = (value: string) => isCidr(value, isIPv6, 128);
const isVolume = (value: string) => value.startsWith("/") || VOLUME_ID.test(value);
const noVolume = (value: string) => `unable to parse volume ID '${value}'`;

function id(type: string) {
  return (value: string) => {
    if (value.length < 2)
      throw new FormatError(`${type} ID '${value}' cannot be shorter than 2 characters\n`);
    if (!/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(value))
      throw new FormatError(`${type} ID '${value}' contains illegal characters\n`);
  };
}

function hotplugFeatures(value: string): void {
  if (value === "0" || value === "1") return;
  for (const feature of splitList(value))
    if (!/^(network|disk|cpu|memory|usb|cloudinit)$/.test(feature))
      throw new FormatError(`invalid hotplug feature '${feature}'\n`);
}

const isBootDevice = (value: string) =>
  (isDriveName(value) && !/^(efidisk|tpmstate)/.test(value)) || /^(net|usb|hostpci)\d+$/.test(value);
const isStartupOrder = (value: string) =>
  value.split(",").every((part) => /^(\s*|(order=)?\d+|up=\d+|down=\d+)$/.test(part));

const textFormats: FormatBook = {
  string: () => {},
  "string-alist": () => {},
  urlencoded: like(/^[-%a-zA-Z0-9_.!~*'()]*$/, (value) => `invalid urlencoded string: ${value}`),
  "pve-configid": like(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`),
  "pve-storage-id": id("storage"),
  "pve-bridge-id": like(/^[-_.\w]+$/, (value) => `invalid bridge ID '${value}'`),
  "pve-vmid": like(/^[1-9][0-9]{2,8}$/, looks("VM ID")),
  "pve-node": like(NODE, looks("node name")),
  "dns-name": like(DNS_NAME, looks("DNS name")),
  "mac-addr": like(/^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i, looks("unicast MAC address")),
  ipv4: must(isIPv4, looks("IPv4 address")),
  ipv6: must(isIPv6, looks("IPv6 address")),
  CIDR: must((value) => isCidr4(value) || isCidr6(value), looks("CIDR network")),
  "pve-ipv4-config": must(
    (value) => /^(dhcp|manual)$/.test(value) || isCidr4(value),
    looks("ipv4 network configuration"),
  ),
  "pve-ipv6-config": must(
    (value) => /^(auto|dhcp|manual)$/.test(value) || isCidr6(value),
    looks("ipv6 network configuration"),
  ),
  address: must(
    (value) => isIPv4(value) || isIPv6(value) || DNS_NAME.test(value),
    (value) => `value does not look like a valid address: ${value}`,
  ),
  "disk-size": must(
    (value) => parseSize(value) !== undefined,
    (value) => `value does not look like a valid disk size: ${value}`,
  ),
  "pve-startup-order": must(isStartupOrder, () => "unable to parse startup options"),
  "pve-tag": like(/^[a-z0-9_][a-z0-9_\-+.]*$/i, () => "invalid characters in tag"),
  "pve-task-status-type": like(/^(ok|error|warning|unknown)$/i, (value) => `invalid status '${value}'`),
  "pve-volume-id": like(VOLUME_ID, noVolume),
  "pve-volume-id-or-absolute-path": must(isVolume, noVolume),
  "pve-volume-id-or-qm-path": must(
    (value) => value === "none" || value === "cdrom" || isVolume(value),
    noVolume,
  ),
  "pve-storage-content": like(CONTENT_TYPE, (value) => `invalid content type '${value}'`),
  "pve-cpuset": like(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, (value) => `unable to parse cpuset '${value}'`),
  "pve-hotplug-features": hotplugFeatures,
  "pve-qm-bootdisk": must(isDriveName, (value) => `invalid boot disk '${value}'`),
  "pve-qm-bootdev": must(isBootDevice, (value) => `invalid boot device '${value}'`),
  "pve-phys-bits": must(
    (value) => value === "host" || (/^\d+$/.test(value) && Number(value) >= 8 && Number(value) <= 64),
    () => "value must be an integer between 8 and 64 or 'host'",
  ),
  "pve-poolid": like(/^[A-Za-z0-9._\-/]+$/, (value) => `pool name '${value}' contains invalid characters`),
  "pve-realm": like(/^[A-Za-z][A-Za-z0-9.\-_]+$/, (value) => `realm '${value}' contains invalid characters`),
  "pve-priv": like(/^[A-Z][A-Za-z]+(\.[A-Za-z]+)+$/, (value) => `invalid privilege '${value}'`),
  // Both spellings of the map of storages for a migration; only one target for all is simulated.
  storagepair: id("storage"),
  "storage-pair": must((value) => value === "1" || /^[^:]+(:[^:]+)?$/.test(value), noVolume),
};
