import type { VirtualMachineConfigSpec, VirtualMachineProfileSpec } from "./config.ts";
import type { VirtualDeviceBackingInfo } from "./device-backing.ts";
import type { VirtualDeviceConfigSpec } from "./device.ts";
import type { ManagedObjectReference } from "./reference.ts";

export interface VirtualMachineRelocateSpecDiskLocator {
  /** Key of the disk in the source. */
  diskId: number;
  datastore: ManagedObjectReference<"Datastore">;
  diskMoveType?: string;
  diskBackingInfo?: VirtualDeviceBackingInfo;
  profile?: VirtualMachineProfileSpec[];
}

/** Where a VM or clone goes; an absent field stays where the source is. */
export interface VirtualMachineRelocateSpec {
  folder?: ManagedObjectReference<"Folder">;
  datastore?: ManagedObjectReference<"Datastore">;
  /** "createNewChildDiskBacking" with a snapshot makes a linked clone. */
  diskMoveType?: string;
  pool?: ManagedObjectReference<"ResourcePool">;
  host?: ManagedObjectReference<"HostSystem">;
  disk?: VirtualMachineRelocateSpecDiskLocator[];
  transform?: "flat" | "sparse";
  deviceChange?: VirtualDeviceConfigSpec[];
  profile?: VirtualMachineProfileSpec[];
}

export interface VirtualMachineCloneSpec {
  location: VirtualMachineRelocateSpec;
  template: boolean;
  config?: VirtualMachineConfigSpec;
  powerOn: boolean;
  snapshot?: ManagedObjectReference<"VirtualMachineSnapshot">;
  memory?: boolean;
  /** "copy" or "replace" the source's TPM secrets (API 8.0). */
  tpmProvisionPolicy?: string;
}
