import type { Major } from "../release.ts";
import type { PropertyString } from "./check.ts";
import {
  alias,
  choice,
  decimal,
  defaultKey,
  flag,
  formatted,
  integer,
  matching,
  type PropertyFormat,
  required,
  text,
} from "./schema.ts";
import { atMajor, byMajor, type VersionedTable } from "./by-major.ts";
import type { Schema } from "./schema.ts";

/** Property strings that the schemas of several endpoints know by name. */
export function sharedFormats(major: Major): Readonly<Record<string, PropertyString>> {
  return Object.fromEntries(
    Object.entries(named).map(([name, table]) => [name, { keys: atMajor(table, major) }]),
  );
}

const BASE64 = "[A-Za-z0-9+\\/]+={0,2}";
const UUID = "[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}";
const MACHINE_TYPE =
  "(pc|pc(-i440fx)?-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|q35|pc-q35-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?" +
  "|virt(?:-\\d+(\\.\\d+)+)?(\\+pve\\d+)?)";
const PCI = "(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?";
const HEX_ID = "^0x[0-9a-fA-F]{4}$";
const USB_DEVICE = "(?:(0x)?[0-9A-Fa-f]{4}:(0x)?[0-9A-Fa-f]{4}|\\d+\\-\\d+(\\.\\d+)*|[Ss][Pp][Ii][Cc][Ee])";

const named: Readonly<Record<string, VersionedTable<Schema>>> = {
  "pve-qm-boot": {
    legacy: defaultKey(matching("[acdn]{1,4}")),
    order: formatted("pve-qm-bootdev-list"),
  },
  "pve-qm-cicustom": {
    meta: formatted("pve-volume-id"),
    network: formatted("pve-volume-id"),
    user: formatted("pve-volume-id"),
    vendor: byMajor({ 7: formatted("pve-volume-id") }),
  },
  "pve-qm-ipconfig": {
    gw: formatted("ipv4", { requires: "ip" }),
    gw6: formatted("ipv6", { requires: "ip6" }),
    ip: formatted("pve-ipv4-config"),
    ip6: formatted("pve-ipv6-config"),
  },
  "pve-qm-smbios1": {
    base64: flag(),
    family: matching(BASE64),
    manufacturer: matching(BASE64),
    product: matching(BASE64),
    serial: matching(BASE64),
    sku: matching(BASE64),
    uuid: matching(UUID),
    version: matching(BASE64),
  },
  "pve-qm-watchdog": {
    action: choice("reset", "shutdown", "poweroff", "pause", "debug", "none"),
    model: defaultKey(choice("i6300esb", "ib700")),
  },
  "pve-qm-rng": {
    max_bytes: integer(),
    period: integer(),
    source: defaultKey(required(choice("/dev/urandom", "/dev/random", "/dev/hwrng"))),
  },
  "pve-qm-hostpci": {
    "device-id": matching(HEX_ID),
    driver: byMajor({ 9: choice("vfio", "keep") }),
    host: defaultKey(matching(`${PCI}(;${PCI})*`)),
    "legacy-igd": flag(),
    mapping: byMajor({ 8: formatted("pve-configid") }),
    mdev: matching("[^/\\.:]+"),
    pcie: flag(),
    rombar: flag(),
    romfile: matching("[^,;]+"),
    "sub-device-id": matching(HEX_ID),
    "sub-vendor-id": matching(HEX_ID),
    "vendor-id": matching(HEX_ID),
    "x-vga": flag(),
  },
  "pve-qm-usb": usbKeys(),
  "pve-qemu-sev-fmt": {
    type: defaultKey(required(text({ enum: ["std", "es", "snp"], maxLength: 3 }))),
    "allow-smt": flag(),
    "kernel-hashes": flag(),
    "no-debug": flag(),
    "no-key-sharing": flag(),
  },
  "pve-qemu-tdx-fmt": {
    type: defaultKey(required(choice("tdx"))),
    attestation: flag(),
    "vsock-cid": integer(2),
    "vsock-port": integer(0),
  },
};

function usbKeys(): PropertyFormat {
  return { host: defaultKey(matching(USB_DEVICE)), mapping: formatted("pve-configid"), usb3: flag() };
}

/** Keys of the `agent` option. */
export const agentKeys: VersionedTable<Schema> = {
  enabled: defaultKey(required(flag())),
  fstrim_cloned_disks: flag(),
  "freeze-fs": byMajor({ 9: flag() }),
  "freeze-fs-on-backup": byMajor({ 7: flag(), 9: alias("freeze-fs") }),
  "guest-fsfreeze": byMajor({ 9: alias("freeze-fs") }),
  type: choice("virtio", "isa"),
};

/** Keys of the `machine` option from 8 on. */
export const machineKeys: VersionedTable<Schema> = {
  type: defaultKey(matching(MACHINE_TYPE, { maxLength: 40 })),
  viommu: choice("intel", "virtio"),
  "aw-bits": byMajor({ 9: decimal(32, 64) }),
  "enable-s3": flag(),
  "enable-s4": flag(),
};

/** The `machine` option up to 7. */
export const machineWord: Schema = matching(MACHINE_TYPE, { maxLength: 40 });

const VGA = [
  ...["cirrus", "qxl", "qxl2", "qxl3", "qxl4", "none", "serial0", "serial1", "serial2", "serial3", "std"],
  "virtio",
];

/** Keys of the `vga` option. */
export const vgaKeys: VersionedTable<Schema> = {
  type: byMajor({
    6: defaultKey(choice(...VGA, "vmware")),
    7: defaultKey(choice(...VGA, "virtio-gl", "vmware")),
  }),
  memory: integer(4, 512),
  clipboard: byMajor({ 8: choice("vnc") }),
};

const RANGES = "\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*";

/** Keys of `numa[n]`. */
export const numaKeys: VersionedTable<Schema> = {
  cpus: required(matching(RANGES)),
  hostnodes: matching(RANGES),
  memory: decimal(),
  policy: choice("preferred", "bind", "interleave"),
};

/** Keys of `virtiofs[n]`. */
export const virtiofsKeys: VersionedTable<Schema> = {
  dirid: defaultKey(required(formatted("pve-configid"))),
  cache: choice("auto", "always", "metadata", "never"),
  "direct-io": flag(),
  "expose-acl": flag(),
  "expose-xattr": flag(),
};
