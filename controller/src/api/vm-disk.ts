import { z } from "zod";
import { integer, label, localRef, text } from "./fields.ts";

const ScsiController = z.strictObject({
  controller: integer(0, 3).optional().describe("Bus number of the controller. Absent: the first free one."),
  sharedBus: z
    .enum(["noSharing", "virtualSharing", "physicalSharing"])
    .optional()
    .describe("Sharing of the bus between VMs."),
  controllerType: z
    .enum(["lsilogic", "buslogic", "lsilogic-sas", "pvscsi"])
    .optional()
    .describe("Model. Absent: the provider's best paravirtual one."),
});

/** A disk besides the root disk. */
export const Disk = z.strictObject({
  name: label().describe("Name, unique within the VM."),
  sizeGiB: integer(1, 65_536).describe("Size in GiB."),
  type: z
    .enum(["thin", "thick", "eagerzeroedthick", "ssd", "hdd"])
    .optional()
    .describe("Provisioning. Absent: the storage's own default."),
  expandPolicy: z
    .enum(["Online", "Offline"])
    .optional()
    .describe("Whether the disk may grow while the VM runs."),
  storageClass: text(253)
    .optional()
    .describe("Storage class: the Provider's map, else storage of that name."),
  scsi: ScsiController.optional().describe("SCSI controller (vSphere)."),
});

/** An existing disk that the VM boots from. */
export const ImportedDisk = z.strictObject({
  diskID: text(253)
    .min(1)
    .meta({ title: "a disk's id of 1 to 253 characters" })
    .describe("Hypervisor's id of the disk."),
  path: z.string().optional().describe("Path of the disk at the hypervisor."),
  format: z.enum(["qcow2", "vmdk", "raw", "vdi", "vhdx"]).optional().describe("Format of the disk."),
  source: z
    .enum(["migration", "clone", "import", "snapshot", "manual"])
    .optional()
    .describe("Where the disk came from."),
  migrationRef: localRef().optional().describe("VMMigration that brought the disk."),
  sizeGiB: z.int().min(1).optional().describe("Expected size in GiB."),
});
