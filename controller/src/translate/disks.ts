import { type Disk, DiskController, DiskProvisioning } from "@virtrigaud/proto";
import { parseQuantity } from "../api/quantity.ts";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { Report } from "../obstacle.ts";
import type { Inputs } from "./inputs.ts";

/** Name of the first disk, which the class describes and the image fills. */
export const ROOT_DISK = "root";

const PROVISIONING = {
  thin: DiskProvisioning.THIN,
  thick: DiskProvisioning.THICK,
  eagerzeroedthick: DiskProvisioning.EAGER_ZEROED,
  // Words for media, not for provisioning: `unsupportedFields` reports them, and a storage class is how to ask for them.
  ssd: DiskProvisioning.UNSPECIFIED,
  hdd: DiskProvisioning.UNSPECIFIED,
  nvme: DiskProvisioning.UNSPECIFIED,
} as const;

const CONTROLLERS = {
  pvscsi: DiskController.PARAVIRTUAL_SCSI,
  "lsilogic-sas": DiskController.LSI_LOGIC_SAS,
  lsilogic: DiskController.LSI_LOGIC,
  buslogic: DiskController.BUS_LOGIC,
} as const;

type DataDisk = NonNullable<VirtualMachine["spec"]["disks"]>[number];

/** The root disk of the class, then the VM's own disks in their order. */
export function disks({ vm, vmClass }: Inputs, report: Report): Disk[] {
  const { size, type, storageClass, iops } = vmClass.spec.diskDefaults ?? {};
  const root: Disk = {
    name: ROOT_DISK,
    sizeBytes: size === undefined ? undefined : parseQuantity(size),
    provisioning: provisioning(type),
    storageClass: storageClass ?? "",
    controller: DiskController.UNSPECIFIED,
    iopsLimit: iops,
  };
  const own = vm.spec.disks ?? [];
  if (own.some(({ name }) => name === ROOT_DISK)) {
    report(
      "DiskNameReserved",
      `spec.disks: "${ROOT_DISK}" is the disk that VMClass ${vmClass.metadata.name} describes under diskDefaults: choose another name`,
    );
  }
  return [root, ...own.map(dataDisk)];
}

function dataDisk({ name, sizeGiB, type, storageClass, scsi }: DataDisk): Disk {
  const controller = scsi?.controllerType;
  return {
    name,
    sizeBytes: sizeGiB * 2 ** 30,
    provisioning: provisioning(type),
    storageClass: storageClass ?? "",
    controller: controller === undefined ? DiskController.UNSPECIFIED : CONTROLLERS[controller],
    iopsLimit: undefined,
  };
}

function provisioning(type: keyof typeof PROVISIONING | undefined): DiskProvisioning {
  return type === undefined ? DiskProvisioning.UNSPECIFIED : PROVISIONING[type];
}
