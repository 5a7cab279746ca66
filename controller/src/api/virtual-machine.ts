import { z } from "zod";
import { integer, localRef, objectRef } from "./fields.ts";
import { resource } from "./resource.ts";
import { VirtualMachineAnnotations } from "./vm-annotations.ts";
import { Disk, ImportedDisk } from "./vm-disk.ts";
import { Lifecycle } from "./vm-lifecycle.ts";
import { Network } from "./vm-network.ts";
import { MetaData, UserData } from "./vm-user-data.ts";

/** Desired power states, in the API's spelling. */
export const POWER_STATES = ["On", "Off", "OffGraceful"] as const;

// Unquoted On and Off are booleans in YAML 1.1, which kubectl speaks: the API server receives true and false.
const PowerState = z
  .union([z.enum(POWER_STATES), z.boolean()])
  .transform((state) => (typeof state === "boolean" ? (state ? "On" : "Off") : state))
  .meta({ title: `one of ${POWER_STATES.join(", ")}` });

const Gpu = z.strictObject({
  count: integer(1, 8).describe("Number of GPUs."),
  type: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/)
    .optional()
    .describe("Kind of GPU by the hypervisor's name."),
  memory: z.int().min(512).optional().describe("Memory of a GPU in MiB."),
});

const Resources = z.strictObject({
  cpu: integer(1, 128).optional().describe("Virtual CPUs instead of the class's."),
  memoryMiB: integer(128, 1_048_576).optional().describe("Memory in MiB instead of the class's."),
  gpu: Gpu.optional().describe("GPUs."),
});

const Placement = z.strictObject({
  cluster: z.string().optional().describe("Cluster (vSphere)."),
  host: z.string().optional().describe("Host (vSphere) or node (Proxmox VE)."),
  datastore: z.string().optional().describe("Datastore, pool or storage for disks without a storage class."),
  storagePod: z.string().optional().describe("Datastore cluster (vSphere); datastore wins over it."),
  folder: z.string().optional().describe("Folder (vSphere)."),
  resourcePool: z.string().optional().describe("Resource pool (vSphere) or pool (Proxmox VE)."),
});

const VirtualMachineSpec = z.strictObject({
  providerRef: objectRef().describe("Provider that holds the VM."),
  classRef: objectRef().describe("VMClass: size and abilities."),
  imageRef: objectRef().optional().describe("VMImage of the root disk; else importedDisk."),
  importedDisk: ImportedDisk.optional().describe("Existing disk to boot from; else imageRef."),
  networks: z.array(Network).max(10).optional().describe("Network interfaces, in the guest's order."),
  disks: z.array(Disk).max(20).optional().describe("Disks besides the root disk."),
  userData: UserData.optional().describe("First-boot configuration."),
  metaData: MetaData.optional().describe("cloud-init instance metadata."),
  placement: Placement.optional().describe("Where the VM shall be, by the hypervisor's names."),
  placementRef: localRef().optional().describe("VMPlacementPolicy."),
  powerState: PowerState.optional().describe("Desired power state. Absent: On."),
  resources: Resources.optional().describe("Sizes instead of the class's."),
  snapshot: z
    .strictObject({ revertToRef: localRef().optional().describe("VMSnapshot to go back to.") })
    .optional()
    .describe("Snapshot actions."),
  tags: z.array(z.string()).max(50).optional().describe("Tags of the VM at the hypervisor."),
  lifecycle: Lifecycle.optional().describe("Shutdown time and hooks."),
});

/** VirtualMachine: one VM. */
export const VirtualMachine = resource("VirtualMachine", VirtualMachineSpec, VirtualMachineAnnotations);
/** A validated VirtualMachine. */
export type VirtualMachine = z.infer<typeof VirtualMachine>;
