import { type Open, propertyString } from "./property-string.ts";
import { size } from "./size.ts";
import { choice, flag, integer, text } from "./value.ts";
import { volume } from "./volume.ts";

/** A disk or CD: the options scsiN, virtioN, sataN and ideN. */
export interface Drive extends Open {
  readonly volume?: string;
  /** Volume to copy into the new one, from 7.1 on. */
  readonly importFrom?: string;
  readonly media?: "cdrom" | "disk";
  /** Bytes, as Proxmox VE writes it down; to change it takes a resize. */
  readonly sizeBytes?: number;
  readonly format?: string;
  readonly cache?: "none" | "writethrough" | "writeback" | "unsafe" | "directsync";
  /** "on" gives trimmed blocks back to the storage. */
  readonly discard?: "ignore" | "on";
  /** Only of scsi and virtio. */
  readonly iothread?: boolean;
  /** Not of virtio. */
  readonly ssd?: boolean;
  readonly backup?: boolean;
  readonly replicate?: boolean;
  /** As the guest sees it. */
  readonly serial?: string;
  /** Operations per second, reads and writes together. */
  readonly iops?: number;
  readonly iopsRead?: number;
  readonly iopsWrite?: number;
}

const rate = integer(1, 2 ** 31 - 1);
/** Proxmox VE keeps it percent-encoded, and hands it to QEMU's command line decoded: only what needs no encoding. */
const serial = text(/[-A-Za-z0-9_.]{1,20}/, "1 to 20 letters, digits, hyphens, underscores and dots");

const drive = propertyString<Drive>({
  option: "drive",
  defaultKey: "file",
  aliases: { volume: "file" },
  fields: {
    volume: ["file", volume],
    importFrom: ["import-from", volume],
    media: ["media", choice("cdrom", "disk")],
    sizeBytes: ["size", size],
    format: ["format", text(/[a-z0-9]+/, "an image format")],
    cache: ["cache", choice("none", "writethrough", "writeback", "unsafe", "directsync")],
    discard: ["discard", choice("ignore", "on")],
    iothread: ["iothread", flag],
    ssd: ["ssd", flag],
    backup: ["backup", flag],
    replicate: ["replicate", flag],
    serial: ["serial", serial],
    iops: ["iops", rate],
    iopsRead: ["iops_rd", rate],
    iopsWrite: ["iops_wr", rate],
  },
});

export const encodeDrive = drive.encode;
export const decodeDrive = drive.decode;
