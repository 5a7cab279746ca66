import type { ManagedObjectReference } from "./reference.ts";

export interface VirtualDeviceFileBackingFields {
  /** Datastore path; "" lets the server choose, "[datastore1]" only the datastore. */
  fileName: string;
  datastore?: ManagedObjectReference<"Datastore">;
  backingObjectId?: string;
}

/** A VMDK. `thinProvisioned` and `eagerlyScrub` together pick thin, lazy or eager zeroed thick. */
export interface VirtualDiskFlatVer2BackingInfo extends VirtualDeviceFileBackingFields {
  $type: "VirtualDiskFlatVer2BackingInfo";
  diskMode: string;
  split?: boolean;
  writeThrough?: boolean;
  thinProvisioned?: boolean;
  eagerlyScrub?: boolean;
  uuid?: string;
  contentId?: string;
  changeId?: string;
  /** The disk under this delta; present on snapshots and linked clones. */
  parent?: VirtualDiskFlatVer2BackingParent;
  deltaDiskFormat?: string;
  digestEnabled?: boolean;
  sharing?: string;
}

/** A delta disk's parent: its type is fixed by the schema, so it carries no `$type`. */
export type VirtualDiskFlatVer2BackingParent = Omit<VirtualDiskFlatVer2BackingInfo, "$type">;

export interface VirtualDiskSeSparseBackingInfo extends VirtualDeviceFileBackingFields {
  $type: "VirtualDiskSeSparseBackingInfo";
  diskMode: string;
  writeThrough?: boolean;
  uuid?: string;
}

export interface VirtualDiskRawDiskMappingVer1BackingInfo extends VirtualDeviceFileBackingFields {
  $type: "VirtualDiskRawDiskMappingVer1BackingInfo";
  lunUuid?: string;
  deviceName?: string;
  compatibilityMode?: string;
  diskMode?: string;
}

export interface VirtualDeviceDeviceBackingFields {
  deviceName: string;
  useAutoDetect?: boolean;
}

/** A standard switch's port group, by name. */
export interface VirtualEthernetCardNetworkBackingInfo extends VirtualDeviceDeviceBackingFields {
  $type: "VirtualEthernetCardNetworkBackingInfo";
  network?: ManagedObjectReference<"Network">;
  inPassthroughMode?: boolean;
}

/** Fields are answered by the server except switch and port group. */
export interface DistributedVirtualSwitchPortConnection {
  switchUuid: string;
  portgroupKey?: string;
  portKey?: string;
  connectionCookie?: number;
}

export interface VirtualEthernetCardDistributedVirtualPortBackingInfo {
  $type: "VirtualEthernetCardDistributedVirtualPortBackingInfo";
  port: DistributedVirtualSwitchPortConnection;
}

/** An NSX segment. */
export interface VirtualEthernetCardOpaqueNetworkBackingInfo {
  $type: "VirtualEthernetCardOpaqueNetworkBackingInfo";
  opaqueNetworkId: string;
  opaqueNetworkType: string;
}

export interface VirtualCdromIsoBackingInfo extends VirtualDeviceFileBackingFields {
  $type: "VirtualCdromIsoBackingInfo";
}

export interface VirtualCdromAtapiBackingInfo extends VirtualDeviceDeviceBackingFields {
  $type: "VirtualCdromAtapiBackingInfo";
}

export interface VirtualCdromRemotePassthroughBackingInfo extends VirtualDeviceDeviceBackingFields {
  $type: "VirtualCdromRemotePassthroughBackingInfo";
  exclusive: boolean;
}

export interface VirtualCdromRemoteAtapiBackingInfo extends VirtualDeviceDeviceBackingFields {
  $type: "VirtualCdromRemoteAtapiBackingInfo";
}

export interface VirtualPCIPassthroughDeviceBackingInfo extends VirtualDeviceDeviceBackingFields {
  $type: "VirtualPCIPassthroughDeviceBackingInfo";
  id: string;
  deviceId: string;
  systemId: string;
  vendorId: number;
}

/** An NVIDIA GRID style virtual GPU profile. */
export interface VirtualPCIPassthroughVmiopBackingInfo {
  $type: "VirtualPCIPassthroughVmiopBackingInfo";
  vgpu?: string;
}

/** The physical function is named by a backing whose type the schema fixes. */
export interface VirtualSriovEthernetCardSriovBackingInfo {
  physicalFunctionBacking?: Omit<VirtualPCIPassthroughDeviceBackingInfo, "$type">;
  virtualFunctionBacking?: Omit<VirtualPCIPassthroughDeviceBackingInfo, "$type">;
  virtualFunctionIndex?: number;
}

export type VirtualDeviceBackingInfo =
  | VirtualDiskFlatVer2BackingInfo
  | VirtualDiskSeSparseBackingInfo
  | VirtualDiskRawDiskMappingVer1BackingInfo
  | VirtualEthernetCardNetworkBackingInfo
  | VirtualEthernetCardDistributedVirtualPortBackingInfo
  | VirtualEthernetCardOpaqueNetworkBackingInfo
  | VirtualCdromIsoBackingInfo
  | VirtualCdromAtapiBackingInfo
  | VirtualCdromRemotePassthroughBackingInfo
  | VirtualCdromRemoteAtapiBackingInfo
  | VirtualPCIPassthroughDeviceBackingInfo
  | VirtualPCIPassthroughVmiopBackingInfo;
