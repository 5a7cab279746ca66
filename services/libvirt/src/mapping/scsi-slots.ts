import type { Disk } from "@virtrigaud/proto";
import type { DiskBus } from "./disk-buses.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

type ScsiModel = NonNullable<DiskBus["scsiModel"]>;

/** Disks that a controller of each model takes, and which part of the address tells them apart. Source: QEMU's emulations. */
const limits: Readonly<Record<ScsiModel, { most: number; by: "target" | "unit" }>> = {
  "virtio-scsi": { most: 256, by: "unit" },
  lsisas1068: { most: 8, by: "target" },
  lsilogic: { most: 7, by: "unit" },
};

/** The SCSI controllers of a VM, one for each model: libvirt would put all disks on the first. */
export class ScsiSlots {
  readonly #taken = new Map<ScsiModel, number>();

  /** The controllers that disks were put on. */
  get controllers(): Element[] {
    return [...this.#taken.keys()].map((model, index) => el("controller", { type: "scsi", index, model }));
  }

  /** The address of the next disk on a controller of this model. */
  take(model: ScsiModel, { name }: Disk, problems: Problems): Element {
    const number = this.#taken.get(model) ?? 0;
    this.#taken.set(model, number + 1);
    const { most, by } = limits[model];
    if (number >= most)
      problems.add(
        `spec.disks[${name}].controller`,
        "TOO_MANY_DISKS",
        `a ${model} controller takes ${most} disks; put this one on another`,
      );
    const place = { bus: 0, target: 0, unit: 0, [by]: number };
    return el("address", { type: "drive", controller: [...this.#taken.keys()].indexOf(model), ...place });
  }
}
