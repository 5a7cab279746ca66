import { define, extend, type TypeDef, variants } from "../type-def.ts";
import type * as vim from "../types.ts";

const file = "VirtualDeviceFileBackingInfo";
const host = "VirtualDeviceDeviceBackingInfo";
const remote = "VirtualDeviceRemoteDeviceBackingInfo";

/** What is behind a device: a file, a network, a device of the host or of the client. */
export const deviceBackingTypes: Record<string, TypeDef> = {
  VirtualDeviceBackingInfo: { fields: {} },
  [file]: extend<vim.VirtualDeviceFileBackingFields, unknown>("VirtualDeviceBackingInfo", {
    fileName: "string",
    datastore: "ManagedObjectReference",
    backingObjectId: "string",
  }),
  [host]: extend<vim.VirtualDeviceDeviceBackingFields, unknown>("VirtualDeviceBackingInfo", {
    deviceName: "string",
    useAutoDetect: "boolean",
  }),
  [remote]: extend<vim.VirtualDeviceDeviceBackingFields, unknown>("VirtualDeviceBackingInfo", {
    deviceName: "string",
    useAutoDetect: "boolean",
  }),
  VirtualDiskFlatVer2BackingInfo: extend<
    vim.VirtualDiskFlatVer2BackingInfo,
    vim.VirtualDeviceFileBackingFields
  >(file, {
    diskMode: "string",
    split: "boolean",
    writeThrough: "boolean",
    thinProvisioned: "boolean",
    eagerlyScrub: "boolean",
    uuid: "string",
    contentId: "string",
    changeId: "string",
    parent: "VirtualDiskFlatVer2BackingInfo",
    deltaDiskFormat: "string",
    digestEnabled: "boolean",
    sharing: "string",
  }),
  VirtualDiskSeSparseBackingInfo: extend<
    vim.VirtualDiskSeSparseBackingInfo,
    vim.VirtualDeviceFileBackingFields
  >(file, { diskMode: "string", writeThrough: "boolean", uuid: "string" }),
  VirtualDiskRawDiskMappingVer1BackingInfo: extend<
    vim.VirtualDiskRawDiskMappingVer1BackingInfo,
    vim.VirtualDeviceFileBackingFields
  >(file, { lunUuid: "string", deviceName: "string", compatibilityMode: "string", diskMode: "string" }),
  VirtualEthernetCardNetworkBackingInfo: extend<
    vim.VirtualEthernetCardNetworkBackingInfo,
    vim.VirtualDeviceDeviceBackingFields
  >(host, { network: "ManagedObjectReference", inPassthroughMode: "boolean" }),
  VirtualEthernetCardDistributedVirtualPortBackingInfo: extend<
    vim.VirtualEthernetCardDistributedVirtualPortBackingInfo,
    unknown
  >("VirtualDeviceBackingInfo", { port: "DistributedVirtualSwitchPortConnection" }),
  DistributedVirtualSwitchPortConnection: define<vim.DistributedVirtualSwitchPortConnection>({
    switchUuid: "string",
    portgroupKey: "string",
    portKey: "string",
    connectionCookie: "int",
  }),
  VirtualEthernetCardOpaqueNetworkBackingInfo: extend<
    vim.VirtualEthernetCardOpaqueNetworkBackingInfo,
    unknown
  >("VirtualDeviceBackingInfo", { opaqueNetworkId: "string", opaqueNetworkType: "string" }),
  VirtualSriovEthernetCardSriovBackingInfo: extend<vim.VirtualSriovEthernetCardSriovBackingInfo, unknown>(
    "VirtualDeviceBackingInfo",
    {
      physicalFunctionBacking: "VirtualPCIPassthroughDeviceBackingInfo",
      virtualFunctionBacking: "VirtualPCIPassthroughDeviceBackingInfo",
      virtualFunctionIndex: "int",
    },
  ),
  VirtualPCIPassthroughDeviceBackingInfo: extend<
    vim.VirtualPCIPassthroughDeviceBackingInfo,
    vim.VirtualDeviceDeviceBackingFields
  >(host, { id: "string", deviceId: "string", systemId: "string", vendorId: "short" }),
  VirtualPCIPassthroughVmiopBackingInfo: extend<vim.VirtualPCIPassthroughVmiopBackingInfo, unknown>(
    "VirtualDeviceBackingInfo",
    { vgpu: "string" },
  ),
  VirtualCdromRemotePassthroughBackingInfo: extend<
    vim.VirtualCdromRemotePassthroughBackingInfo,
    vim.VirtualDeviceDeviceBackingFields
  >(remote, { exclusive: "boolean" }),
  ...variants(file, ["VirtualCdromIsoBackingInfo"]),
  ...variants(host, ["VirtualCdromAtapiBackingInfo"]),
  ...variants(remote, ["VirtualCdromRemoteAtapiBackingInfo"]),
};
