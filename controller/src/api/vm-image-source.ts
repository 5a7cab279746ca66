import { z } from "zod";
import { confidential, duration, integer, inventoryName, label, localRef, objectName } from "./fields.ts";

/** Formats of an image file. */
export const IMAGE_FORMATS = ["qcow2", "raw", "vmdk", "vhd", "vhdx", "iso", "ova", "ovf"] as const;

const format = () =>
  z.enum(IMAGE_FORMATS).optional().describe("Format of the file. Absent: the provider detects it.");

const url = (pattern: RegExp, title: string) => z.string().regex(pattern).meta({ title });

// Read both with parseChecksum.
const checksum = () =>
  z.string().optional().describe("Expected digest in hexadecimal, with or without sha256:.");
const checksumType = () =>
  z.enum(["md5", "sha1", "sha256", "sha512"]).optional().describe("Algorithm. Absent: sha256.");

const VSphere = z.strictObject({
  templateName: inventoryName().optional().describe("Template by name or inventory path."),
  contentLibrary: z
    .strictObject({
      library: inventoryName().describe("Content library."),
      item: inventoryName().describe("Item of the library."),
      version: z.string().optional().describe("Version of the item."),
    })
    .optional()
    .describe("Content library item."),
  ovaURL: url(/^https?:\/\/.*\.(ova|ovf)$/, "an http or https URL of an .ova or .ovf file")
    .optional()
    .describe("OVA or OVF to import."),
  checksum: checksum(),
  checksumType: checksumType(),
  providerRef: localRef().optional().describe("Provider that imports the image."),
});

const Libvirt = z.strictObject({
  path: z.string().optional().describe("File on the libvirt host."),
  url: url(/^(https?|ftp):\/\/.*/, "an http, https or ftp URL")
    .optional()
    .describe("File to download."),
  format: format(),
  checksum: checksum(),
  checksumType: checksumType(),
  storagePool: inventoryName().optional().describe("Pool that holds the image."),
});

const secretKey = () => z.string().optional().describe("Key within the Secret.");

const Authentication = z.strictObject({
  basicAuth: z
    .strictObject({ secretRef: localRef(), usernameKey: secretKey(), passwordKey: secretKey() })
    .optional(),
  bearer: z.strictObject({ secretRef: localRef(), tokenKey: secretKey() }).optional(),
  clientCert: z.strictObject({ secretRef: localRef(), certKey: secretKey(), keyKey: secretKey() }).optional(),
});

const Http = z.strictObject({
  url: url(/^https?:\/\/.*/, "an http or https URL").describe("File to download; serves every hypervisor."),
  headers: z
    .record(z.string(), confidential())
    .refine((headers) => Object.keys(headers).length <= 20)
    .meta({ title: "a mapping of at most 20 names to texts", maxProperties: 20 })
    .optional()
    .describe("Request headers."),
  checksum: checksum(),
  checksumType: checksumType(),
  authentication: Authentication.optional().describe("Credentials for the download."),
  timeout: duration().optional().describe("Time the download may take. Absent: 30m."),
});

const Registry = z.strictObject({
  image: z
    .string()
    .regex(/^[a-zA-Z0-9._/-]+:[a-zA-Z0-9._-]+$/)
    .meta({ title: "an image reference such as registry/name:tag" }),
  pullSecretRef: localRef().optional(),
  format: format(),
});

const Proxmox = z.strictObject({
  templateID: integer(100, 999_999_999).optional().describe("VMID of a template."),
  templateName: inventoryName().optional().describe("Name of a template."),
  storage: inventoryName().optional().describe("Storage for the clone."),
  node: inventoryName().optional().describe("Node of the template."),
  format: z.enum(["raw", "qcow2", "vmdk"]).optional().describe("Format of the cloned disk."),
  fullClone: z.boolean().optional().describe("Full instead of linked clone. Absent: true."),
});

/** Where an image is, for each hypervisor. */
export const ImageSource = z.strictObject({
  vsphere: VSphere.optional(),
  libvirt: Libvirt.optional(),
  http: Http.optional(),
  registry: Registry.optional(),
  dataVolume: z.strictObject({ name: objectName(), namespace: label().optional() }).optional(),
  proxmox: Proxmox.optional(),
});
