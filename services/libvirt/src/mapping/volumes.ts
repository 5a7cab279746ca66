import { type Disk, DiskProvisioning } from "@virtrigaud/proto";
import type { BaseImage } from "./images.ts";
import { diskVolumeName } from "./names.ts";
import type { Problems } from "./problems.ts";
import type { Pool } from "./storage.ts";
import { el, type Element, numberOf, renderXml } from "./xml.ts";

/** A volume to make for a disk. */
export interface Volume {
  /** Name of the disk. */
  disk: string;
  pool: string;
  name: string;
  path: string;
  /** Undefined: as large as the image that it is on top of. */
  capacityBytes?: number;
  /** Image that it is an overlay on. */
  backing?: string;
  /** Pass VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA, which with a full allocation takes all space at once. */
  preallocate: boolean;
  /** Description for vol-create. */
  xml: string;
}

/** Whether a disk takes its space at creation; an overlay on an image cannot. */
export const isPreallocated = ({ provisioning }: Disk, base: BaseImage | undefined): boolean =>
  base === undefined &&
  (provisioning === DiskProvisioning.THICK || provisioning === DiskProvisioning.EAGER_ZEROED);

/** The volume of a disk: blank, or an overlay on an image, which stays as it is. Always qcow2, so that it can have snapshots. */
export function diskVolume(
  uid: string,
  disk: Disk,
  pool: Pool,
  base: BaseImage | undefined,
  problems: Problems,
): Volume | undefined {
  const field = `spec.disks[${disk.name}]`;
  const name = diskVolumeName(uid, disk.name);
  if (name === undefined)
    return problems.add(`${field}.name`, "INVALID_NAME", "is too long for a file name; use a shorter one");
  const capacityBytes = capacityOf(disk, base);
  if (capacityBytes === undefined && base === undefined)
    return problems.add(`${field}.size_bytes`, "REQUIRED", "a blank disk needs a size");
  const preallocate = isPreallocated(disk, base);
  if (preallocate && pool.availableBytes !== undefined && (capacityBytes ?? 0) > pool.availableBytes)
    problems.add(
      `${field}.size_bytes`,
      "CAPACITY",
      `pool ${pool.name} has ${pool.availableBytes} bytes free, the disk takes ${capacityBytes} at once; use type thin, a smaller size or another storage class`,
    );
  return {
    disk: disk.name,
    pool: pool.name,
    name,
    path: `${pool.path}/${name}`,
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    ...(base === undefined ? {} : { backing: base.path }),
    preallocate,
    xml: volumeXml(name, capacityBytes, preallocate, base),
  };
}

/** The asked size is the least; an image is never cut. */
function capacityOf({ sizeBytes }: Disk, base: BaseImage | undefined): number | undefined {
  if (base === undefined) return sizeBytes;
  return base.sizeBytes === undefined ? sizeBytes : Math.max(sizeBytes ?? 0, base.sizeBytes);
}

function volumeXml(
  name: string,
  capacityBytes: number | undefined,
  preallocate: boolean,
  base: BaseImage | undefined,
): string {
  return renderXml(
    el("volume", {}, [
      el("name", {}, name),
      capacityBytes === undefined ? undefined : el("capacity", { unit: "bytes" }, capacityBytes),
      el("allocation", { unit: "bytes" }, preallocate ? (capacityBytes ?? 0) : 0),
      el("target", {}, [el("format", { type: "qcow2" }), el("compat", {}, "1.1")]),
      base && el("backingStore", {}, [el("path", {}, base.path), el("format", { type: base.format })]),
    ]),
  );
}

/** The description of a copy that stands for itself. */
export const copyXml = (name: string, source: Element): string =>
  renderXml(
    el("volume", {}, [
      el("name", {}, name),
      el("capacity", { unit: "bytes" }, numberOf(source, "capacity") ?? 0),
      el("allocation", { unit: "bytes" }, 0),
      el("target", {}, [el("format", { type: "qcow2" }), el("compat", {}, "1.1")]),
    ]),
  );

/** The description of a file for a disk to go on in, on top of one that nothing writes to any more. */
export const overlayXml = (name: string, backing: string, frozen: Element): string =>
  renderXml(
    el("volume", {}, [
      el("name", {}, name),
      el("capacity", { unit: "bytes" }, numberOf(frozen, "capacity") ?? 0),
      el("allocation", { unit: "bytes" }, 0),
      el("target", {}, [el("format", { type: "qcow2" }), el("compat", {}, "1.1")]),
      el("backingStore", {}, [el("path", {}, backing), el("format", { type: "qcow2" })]),
    ]),
  );
