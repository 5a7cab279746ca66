import { z } from "zod";
import { duration, integer, inventoryName } from "./fields.ts";
import { IMAGE_FORMATS } from "./vm-image-source.ts";

const Storage = z.strictObject({
  vsphere: z
    .strictObject({
      datastore: inventoryName().optional(),
      folder: inventoryName().optional(),
      thinProvisioned: z.boolean().optional(),
      diskType: z.enum(["thin", "thick", "eagerzeroedthick"]).optional(),
    })
    .optional(),
  libvirt: z
    .strictObject({
      storagePool: inventoryName().optional(),
      allocationPolicy: z.enum(["eager", "lazy"]).optional(),
      preallocation: z.enum(["off", "metadata", "falloc", "full"]).optional(),
    })
    .optional(),
  preferredFormat: z.enum(IMAGE_FORMATS).optional(),
  compression: z.boolean().optional(),
});

const Optimization = z.strictObject({
  enableCompression: z.boolean().optional(),
  removeUnusedSpace: z.boolean().optional(),
  convertFormat: z.enum(IMAGE_FORMATS).optional(),
  enableDeltaSync: z.boolean().optional(),
});

/** How an image is brought to a hypervisor. */
export const ImagePrepare = z.strictObject({
  onMissing: z
    .enum(["Import", "Fail", "Wait"])
    .optional()
    .describe("What to do when the hypervisor does not have the image. Absent: Import."),
  validateChecksum: z.boolean().optional().describe("Whether the checksum is verified. Absent: true."),
  timeout: duration().optional().describe("Time the preparation may take. Absent: 30m."),
  retries: integer(0, 10).optional().describe("Attempts after the first one failed. Absent: 3."),
  force: z.boolean().optional().describe("Whether to import again what is there."),
  storage: Storage.optional().describe("Storage of the prepared image."),
  optimization: Optimization.optional().describe("Changes to the prepared image."),
});
