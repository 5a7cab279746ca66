import type { Disk } from "@virtrigaud/proto";
import { type DiskBus, diskBus, targetName } from "./disk-buses.ts";
import type { HostFacts } from "./host-facts.ts";
import { encodeName } from "./names.ts";
import type { Problems } from "./problems.ts";
import { ScsiSlots } from "./scsi-slots.ts";
import type { Volume } from "./volumes.ts";

import { el, type Element } from "./xml.ts";

/** Longest serial that a virtio disk shows. */
const maxSerial = 20;

/** The VM's disks on their volumes, the root disk first in the order of booting, and the controllers that they need. */
export function disks(
  wanted: readonly Disk[],
  volumes: readonly Volume[],
  host: HostFacts,
  problems: Problems,
): Element[] {
  const counts = { vd: 0, sd: 0, nvme: 0 };
  const scsi = new ScsiSlots();
  const devices = wanted.flatMap((disk, index) => {
    const bus = diskBus(disk, host.domain);
    if (bus === undefined) return refuseController(disk, problems);
    const group = bus.bus === "virtio" ? "vd" : bus.bus === "nvme" ? "nvme" : "sd";
    const target = targetName(bus, counts[group]++);
    const address = bus.scsiModel && scsi.take(bus.scsiModel, disk, problems);
    const volume = volumes.find((one) => one.disk === disk.name);
    return volume === undefined ? [] : [device(disk, volume, bus, target, index === 0, address)];
  });
  return [...scsi.controllers, ...devices];
}

function refuseController({ name }: Disk, problems: Problems): Element[] {
  problems.add(
    `spec.disks[${name}].controller`,
    "DISK_CONTROLLER_UNSUPPORTED",
    "QEMU has no BusLogic controller; use paravirtual-scsi, virtio-blk, sata or lsi-logic",
  );
  return [];
}

function device(
  { name, iopsLimit }: Disk,
  { path }: Volume,
  { bus }: DiskBus,
  dev: string,
  isRoot: boolean,
  address: Element | undefined,
): Element {
  return el("disk", { type: "file", device: "disk" }, [
    el("driver", { name: "qemu", type: "qcow2", discard: "unmap" }),
    el("source", { file: path }),
    el("target", { dev, bus }),
    iopsLimit === undefined ? undefined : el("iotune", {}, [el("total_iops_sec", {}, iopsLimit)]),
    isRoot ? el("boot", { order: 1 }) : undefined,
    el("serial", {}, encodeName(name).slice(0, maxSerial)),
    address,
  ]);
}

/** The seed that cloud-init reads, as a CD. */
export const seedDisk = (path: string): Element =>
  el("disk", { type: "file", device: "cdrom" }, [
    el("driver", { name: "qemu", type: "raw" }),
    el("source", { file: path }),
    el("target", { dev: "sda", bus: "sata" }),
    el("readonly"),
  ]);
