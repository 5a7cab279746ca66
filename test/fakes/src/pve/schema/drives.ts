import type { Major } from "../release.ts";
import { atMajor, byMajor, type VersionedTable } from "./by-major.ts";
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
  type Schema,
} from "./schema.ts";

/** The kinds of drive a VM has; all but the last three come numbered. */
export const buses = { ide: 4, sata: 6, scsi: 31, virtio: 16 } as const;
export type Bus = keyof typeof buses | "efidisk" | "tpmstate";

const DRIVE_NAME =
  /^(?:(ide)[0-3]|(sata)[0-5]|(scsi)(?:[12]?\d|30)|(virtio)(?:\d|1[0-5])|(efidisk)0|(tpmstate)0)$/;

/** Is it the name of a drive option, `scsi0` say? */
export const isDriveName = (name: string): boolean => DRIVE_NAME.test(name);

/** The kind of a drive option; undefined when it is none. */
export function busOf(name: string): Bus | undefined {
  return DRIVE_NAME.exec(name)
    ?.slice(1)
    .find((bus) => bus !== undefined) as Bus | undefined;
}

/** Every drive option's name, as the enumerations of `disk` parameters list them. */
export function driveNames(major: Major): readonly string[] {
  const numbered = (["ide", "scsi", "virtio", "sata"] as const).flatMap((bus) =>
    Array.from({ length: buses[bus] }, (_, index) => `${bus}${index}`),
  );
  return [...numbered, "efidisk0", ...(major >= 7 ? ["tpmstate0"] : [])];
}

/** Keys of a drive; `withAllocation` adds what creates or imports a volume. */
export function driveFormat(bus: Bus, major: Major, withAllocation: boolean): PropertyFormat {
  const key = `${bus} ${major} ${withAllocation}`;
  const format = made.get(key) ?? makeFormat(bus, major, withAllocation);
  made.set(key, format);
  return format;
}

/** Every drive of every VM is parsed with one of a few. */
const made = new Map<string, PropertyFormat>();

function makeFormat(bus: Bus, major: Major, withAllocation: boolean): PropertyFormat {
  const importFrom =
    withAllocation && major >= 7 ? { "import-from": formatted("pve-volume-id-or-absolute-path") } : {};
  const base = bus === "efidisk" || bus === "tpmstate" ? volumeKeys : { ...volumeKeys, ...diskKeys };
  return { ...atMajor(base, major), ...atMajor(ownKeys[bus], major), ...importFrom };
}

const formats6 = ["raw", "cow", "qcow", "qed", "qcow2", "vmdk", "cloop"];
const formats8 = formats6.filter((format) => format !== "cow");

const volumeKeys: VersionedTable<Schema> = {
  file: defaultKey(required(formatted("pve-volume-id-or-qm-path"))),
  volume: alias("file"),
  size: formatted("disk-size"),
};
const imageFormat = byMajor({ 6: choice(...formats6), 8: choice(...formats8) });

const burst = (unit: "bps" | "iops", direction: string) => ({
  [`${unit}${direction}_max_length`]: integer(1),
  ...(direction === "" ? {} : { [`${unit}${direction}_length`]: alias(`${unit}${direction}_max_length`) }),
});
const throttle: VersionedTable<Schema> = Object.assign(
  {},
  ...["", "_rd", "_wr"].map((direction) => ({
    [`bps${direction}`]: integer(),
    [`mbps${direction}`]: decimal(),
    [`mbps${direction}_max`]: decimal(),
    [`iops${direction}`]: integer(),
    [`iops${direction}_max`]: integer(),
    ...burst("bps", direction),
    ...burst("iops", direction),
  })),
);

const geometry = byMajor<Schema>({ 6: integer(), 9: undefined });
const diskKeys: VersionedTable<Schema> = {
  ...throttle,
  format: imageFormat,
  aio: byMajor({ 6: choice("native", "threads"), 7: choice("native", "threads", "io_uring") }),
  backup: flag(),
  cache: choice("none", "writethrough", "writeback", "unsafe", "directsync"),
  cyls: geometry,
  heads: geometry,
  secs: geometry,
  trans: byMajor<Schema>({ 6: choice("none", "lba", "auto"), 9: undefined }),
  detect_zeroes: flag(),
  discard: choice("ignore", "on"),
  media: choice("cdrom", "disk"),
  replicate: flag(),
  rerror: choice("ignore", "report", "stop"),
  serial: formatted("urlencoded", { maxLength: 60 }),
  shared: flag(),
  snapshot: flag(),
  werror: choice("enospc", "ignore", "report", "stop"),
};

const solidState = { ssd: flag(), wwn: matching("^(0x)[0-9a-fA-F]{16}") };
const ownKeys: Readonly<Record<Bus, VersionedTable<Schema>>> = {
  ide: { ...solidState, model: formatted("urlencoded", { maxLength: 120 }) },
  sata: solidState,
  scsi: {
    ...solidState,
    iothread: flag(),
    product: byMajor({ 8: matching("[A-Za-z0-9\\-_\\s]{0,16}") }),
    queues: integer(2),
    ro: byMajor({ 7: flag() }),
    scsiblock: flag(),
    vendor: byMajor({ 8: matching("[A-Za-z0-9\\-_\\s]{0,8}") }),
  },
  virtio: { iothread: flag(), ro: byMajor({ 7: flag() }) },
  efidisk: {
    format: imageFormat,
    efitype: byMajor({ 7: choice("2m", "4m") }),
    "pre-enrolled-keys": byMajor({ 7: flag() }),
    "ms-cert": byMajor({ 9: choice("2011", "2023", "2023w", "2023k") }),
  },
  tpmstate: { version: choice("v1.2", "v2.0"), format: byMajor({ 9: choice("raw", "qcow2", "vmdk") }) },
};
