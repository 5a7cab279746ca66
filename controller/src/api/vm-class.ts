import { z } from "zod";
import { integer, quantity, text, textMap } from "./fields.ts";
import { plainAnnotations, resource } from "./resource.ts";

// No field has a default: absent means "not asked for", and the provider decides. That differs from false and from zero.

const DiskDefaults = z.strictObject({
  type: z
    .enum(["thin", "thick", "eagerzeroedthick", "ssd", "hdd", "nvme"])
    .optional()
    .describe("Provisioning of the root disk. Absent: the storage's own default."),
  size: quantity().optional().describe("Least size of the root disk in bytes. Absent: the image's size."),
  iops: integer(100, 100_000).optional().describe("Limit of the root disk's I/O operations per second."),
  storageClass: text(253)
    .optional()
    .describe("Storage class: the Provider's map, else storage of that name."),
});

const ResourceLimits = z.strictObject({
  cpuLimit: integer(100, 100_000).optional().describe("Most CPU the VM may use, MHz over all virtual CPUs."),
  cpuReservation: integer(0, 100_000).optional().describe("Guaranteed CPU, MHz over all virtual CPUs."),
  cpuShares: integer(1, 1_000_000).optional().describe("Weight when CPU is scarce, relative to other VMs."),
  memoryLimit: quantity().optional().describe("Most host memory the VM may use, bytes."),
  memoryReservation: quantity().optional().describe("Guaranteed host memory, bytes."),
});

const PerformanceProfile = z.strictObject({
  latencySensitivity: z
    .enum(["low", "normal", "high"])
    .optional()
    .describe("How the VM is scheduled; high also needs full reservations."),
  cpuHotAddEnabled: z.boolean().optional().describe("Whether CPUs can be added while the VM runs."),
  memoryHotAddEnabled: z.boolean().optional().describe("Whether memory can be added while the VM runs."),
  virtualizationBasedSecurity: z
    .boolean()
    .optional()
    .describe("Windows VBS; implies UEFI, secure boot, an IOMMU and nested virtualization."),
  nestedVirtualization: z
    .boolean()
    .optional()
    .describe(
      "Whether the VM can host VMs: true required, false switched off, absent the hypervisor's default.",
    ),
  hyperThreadingPolicy: z
    .enum(["auto", "prefer", "avoid", "require"])
    .optional()
    .describe("Use of a core's hardware threads."),
});

const EncryptionPolicy = z.strictObject({
  enabled: z.boolean().optional().describe("Whether the VM is encrypted."),
  keyProvider: z.enum(["standard", "hardware", "external"]).optional().describe("Where keys come from."),
  requireEncryption: z.boolean().optional().describe("Whether to fail when encryption is not possible."),
});

const SecurityProfile = z.strictObject({
  secureBoot: z.boolean().optional().describe("UEFI secure boot. False: not asked for."),
  tpmEnabled: z.boolean().optional().describe("An emulated TPM. False: not asked for."),
  tpmVersion: z
    .enum(["1.2", "2.0"])
    .optional()
    .describe("Version of the TPM. Absent: the provider's newest."),
  vtdEnabled: z.boolean().optional().describe("An IOMMU (VT-d, AMD-Vi) in the VM. False: not asked for."),
  encryptionPolicy: EncryptionPolicy.optional().describe("Encryption of the VM."),
});

const VMClassSpec = z.strictObject({
  cpu: integer(1, 128).describe("Number of virtual CPUs."),
  memory: quantity().describe("Memory in bytes."),
  firmware: z
    .enum(["BIOS", "UEFI", "EFI"])
    .transform((firmware) => (firmware === "EFI" ? "UEFI" : firmware))
    .optional()
    .describe("Firmware; EFI is another spelling of UEFI. Absent: the provider decides."),
  diskDefaults: DiskDefaults.optional().describe("The root disk."),
  guestToolsPolicy: z
    .enum(["install", "skip", "upgrade", "uninstall"])
    .optional()
    .describe("What to do about the hypervisor's tools in the guest."),
  extraConfig: textMap(50).optional().describe("Settings by the hypervisor's own names."),
  resourceLimits: ResourceLimits.optional().describe("Limits, reservations and shares."),
  performanceProfile: PerformanceProfile.optional().describe("Performance and nesting."),
  securityProfile: SecurityProfile.optional().describe("Security devices."),
});

/** VMClass: the size and the abilities of a VM. */
export const VMClass = resource("VMClass", VMClassSpec, plainAnnotations());
/** A validated VMClass. */
export type VMClass = z.infer<typeof VMClass>;
