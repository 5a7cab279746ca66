import { define, type TypeDef } from "../type-def.ts";
import type * as vim from "../types.ts";

/** Clone and relocation. */
export const placementTypes: Record<string, TypeDef> = {
  VirtualMachineCloneSpec: define<vim.VirtualMachineCloneSpec>({
    location: "VirtualMachineRelocateSpec",
    template: "boolean",
    config: "VirtualMachineConfigSpec",
    powerOn: "boolean",
    snapshot: "ManagedObjectReference",
    memory: "boolean",
    tpmProvisionPolicy: "string",
  }),
  VirtualMachineRelocateSpec: define<vim.VirtualMachineRelocateSpec>({
    folder: "ManagedObjectReference",
    datastore: "ManagedObjectReference",
    diskMoveType: "string",
    pool: "ManagedObjectReference",
    host: "ManagedObjectReference",
    disk: "VirtualMachineRelocateSpecDiskLocator[]",
    transform: "string",
    deviceChange: "VirtualDeviceConfigSpec[]",
    profile: "VirtualMachineProfileSpec[]",
  }),
  VirtualMachineRelocateSpecDiskLocator: define<vim.VirtualMachineRelocateSpecDiskLocator>({
    diskId: "int",
    datastore: "ManagedObjectReference",
    diskMoveType: "string",
    diskBackingInfo: "VirtualDeviceBackingInfo",
    profile: "VirtualMachineProfileSpec[]",
  }),
};
