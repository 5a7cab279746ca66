import { DiskController } from "@virtrigaud/proto";
import type {
  VirtualDevice,
  VirtualDeviceConfigSpec,
  VirtualDisk,
  VirtualSCSIController,
} from "../vim/types.ts";

export type ScsiType = VirtualSCSIController["$type"];

const scsiTypes = new Map<DiskController, ScsiType>([
  [DiskController.PARAVIRTUAL_SCSI, "ParaVirtualSCSIController"],
  [DiskController.LSI_LOGIC_SAS, "VirtualLsiLogicSASController"],
  [DiskController.LSI_LOGIC, "VirtualLsiLogicController"],
  [DiskController.BUS_LOGIC, "VirtualBusLogicController"],
]);

/** The controller that a disk is attached to; undefined for kinds that this provider does not add. */
export const scsiType = (controller: DiskController): ScsiType | undefined =>
  scsiTypes.get(controller === DiskController.UNSPECIFIED ? DiskController.PARAVIRTUAL_SCSI : controller);

/** The contract's word for a controller by its vim25 type; UNSPECIFIED for kinds that it has no word for. */
export const controllerOf = ($type: string | undefined): DiskController =>
  [...scsiTypes].find(([, type]) => type === $type)?.[0] ?? DiskController.UNSPECIFIED;

/** Unit 7 of a SCSI bus is the controller itself. */
const reservedUnit = 7;
const unitsPerController = 16;
const controllersPerVm = 4;

/** What limits the number of disks, for messages. */
export const scsiLimit = `${controllersPerVm} SCSI controllers with ${unitsPerController - 1} disks each`;

export const isDisk = (device: VirtualDevice): device is VirtualDisk => device.$type === "VirtualDisk";
const isScsi = (device: VirtualDevice): device is VirtualSCSIController =>
  [...scsiTypes.values()].includes(device.$type as ScsiType);

/**
 * The disks in the order in which the guest sees them: by bus and unit, whatever order vCenter lists them in. Those on other buses come
 * first, since all that this provider adds is SCSI, so that adding never moves a disk that was there.
 */
export function disksOf(devices: readonly VirtualDevice[]): VirtualDisk[] {
  const busOf = new Map(devices.filter(isScsi).map(({ key, busNumber }) => [key, busNumber]));
  const place = ({ controllerKey = 0, unitNumber = 0 }: VirtualDisk): number[] => {
    const bus = busOf.get(controllerKey);
    return bus === undefined ? [0, controllerKey, unitNumber] : [1, bus, unitNumber];
  };
  const compare = (a: number[], b: number[]) => a.map((n, at) => n - (b[at] ?? 0)).find((n) => n !== 0) ?? 0;
  return devices.filter(isDisk).sort((a, b) => compare(place(a), place(b)));
}

/** Hands out places on SCSI controllers, each behind the one before and behind all existing disks, and adds controllers as they are needed. */
export class ScsiSlots {
  /** Controllers that the handed out places are on and that are still to be added. */
  readonly added: VirtualDeviceConfigSpec[] = [];
  readonly #controllers: Map<number, { $type: ScsiType; key: number }>;
  readonly #taken: Set<string>;
  #last = { bus: 0, unit: -1 };

  constructor(existing: readonly VirtualDevice[]) {
    const scsi = existing.filter(isScsi);
    this.#controllers = new Map(scsi.map(({ $type, key, busNumber }) => [busNumber, { $type, key }]));
    this.#taken = new Set(existing.map(({ controllerKey, unitNumber }) => `${controllerKey}:${unitNumber}`));
    const disk = disksOf(existing).at(-1);
    const bus = scsi.find(({ key }) => key === disk?.controllerKey)?.busNumber;
    if (disk?.unitNumber !== undefined && bus !== undefined) this.#last = { bus, unit: disk.unitNumber };
  }

  /** The next place; undefined when there is none left. */
  take($type: ScsiType): { controllerKey: number; unitNumber: number } | undefined {
    for (let bus = this.#last.bus; bus < controllersPerVm; bus += 1) {
      const controller = this.#controllers.get(bus) ?? this.#add(bus, $type);
      if (controller.$type !== $type) continue;
      const unitNumber = this.#freeUnit(controller.key, bus === this.#last.bus ? this.#last.unit + 1 : 0);
      if (unitNumber === undefined) continue;
      this.#last = { bus, unit: unitNumber };
      return { controllerKey: controller.key, unitNumber };
    }
    return undefined;
  }

  #add(busNumber: number, $type: ScsiType): { $type: ScsiType; key: number } {
    const controller = { $type, key: -100 - busNumber };
    this.#controllers.set(busNumber, controller);
    this.added.push({ operation: "add", device: { ...controller, busNumber, sharedBus: "noSharing" } });
    return controller;
  }

  #freeUnit(key: number, from: number): number | undefined {
    for (let unit = from; unit < unitsPerController; unit += 1)
      if (unit !== reservedUnit && !this.#taken.has(`${key}:${unit}`)) return unit;
    return undefined;
  }
}
