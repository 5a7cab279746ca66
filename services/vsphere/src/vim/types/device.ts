import type { SharesInfo, VirtualMachineProfileSpec } from "./config.ts";
import type { VirtualDeviceBackingInfo, VirtualSriovEthernetCardSriovBackingInfo } from "./device-backing.ts";
import type { Description } from "./reference.ts";

export interface VirtualDeviceConnectInfo {
  migrateConnect?: string;
  startConnected: boolean;
  allowGuestControl: boolean;
  connected: boolean;
  status?: string;
}

/** What every device has. New devices take a negative `key`, unique within one spec. */
export interface VirtualDeviceFields {
  key: number;
  deviceInfo?: Description;
  backing?: VirtualDeviceBackingInfo;
  connectable?: VirtualDeviceConnectInfo;
  controllerKey?: number;
  unitNumber?: number;
}

export interface StorageIOAllocationInfo {
  /** I/O operations per second; -1 is unlimited. */
  limit?: number;
  shares?: SharesInfo;
  reservation?: number;
}

export interface VirtualDisk extends VirtualDeviceFields {
  $type: "VirtualDisk";
  capacityInKB: number;
  capacityInBytes?: number;
  storageIOAllocation?: StorageIOAllocationInfo;
  diskObjectId?: string;
}

export interface VirtualControllerFields extends VirtualDeviceFields {
  busNumber: number;
  /** Keys of the attached devices. */
  device?: number[];
}

export interface VirtualSCSIControllerFields extends VirtualControllerFields {
  hotAddRemove?: boolean;
  sharedBus: "noSharing" | "virtualSharing" | "physicalSharing";
  scsiCtlrUnitNumber?: number;
}

/** A SCSI controller of any kind; `$type` is the kind. */
export interface VirtualSCSIController extends VirtualSCSIControllerFields {
  $type:
    | "ParaVirtualSCSIController"
    | "VirtualLsiLogicController"
    | "VirtualLsiLogicSASController"
    | "VirtualBusLogicController";
}

/** Controllers without settings of their own. */
export interface VirtualPlainController extends VirtualControllerFields {
  $type:
    | "VirtualAHCIController"
    | "VirtualIDEController"
    | "VirtualPCIController"
    | "VirtualPS2Controller"
    | "VirtualSIOController";
}

export interface VirtualNVMEController extends VirtualControllerFields {
  $type: "VirtualNVMEController";
  sharedBus?: string;
}

export interface VirtualUSBController extends VirtualControllerFields {
  $type: "VirtualUSBController";
  autoConnectDevices?: boolean;
  ehciEnabled?: boolean;
}

export interface VirtualUSBXHCIController extends VirtualControllerFields {
  $type: "VirtualUSBXHCIController";
  autoConnectDevices?: boolean;
}

export interface VirtualEthernetCardFields extends VirtualDeviceFields {
  /** "manual" with a `macAddress` of ours, else "generated" or "assigned". */
  addressType?: string;
  macAddress?: string;
  wakeOnLanEnabled?: boolean;
  externalId?: string;
}

/** A network card of any kind but SR-IOV; `$type` is the kind. */
export interface VirtualEthernetCard extends VirtualEthernetCardFields {
  $type: "VirtualVmxnet3" | "VirtualE1000" | "VirtualE1000e";
}

export interface VirtualSriovEthernetCard extends VirtualEthernetCardFields {
  $type: "VirtualSriovEthernetCard";
  allowGuestOSMtuChange?: boolean;
  sriovBacking?: VirtualSriovEthernetCardSriovBackingInfo;
}

/** TPM 2.0 (API 6.7); DER certificates and requests as base64. */
export interface VirtualTPM extends VirtualDeviceFields {
  $type: "VirtualTPM";
  endorsementKeyCertificateSigningRequest?: string[];
  endorsementKeyCertificate?: string[];
}

export interface VirtualMachineVideoCard extends VirtualDeviceFields {
  $type: "VirtualMachineVideoCard";
  videoRamSizeInKB?: number;
  numDisplays?: number;
  useAutoDetect?: boolean;
}

export interface VirtualSerialPort extends VirtualDeviceFields {
  $type: "VirtualSerialPort";
  yieldOnPoll: boolean;
}

/** Devices without settings of their own. */
export interface VirtualPlainDevice extends VirtualDeviceFields {
  $type:
    | "VirtualCdrom"
    | "VirtualFloppy"
    | "VirtualKeyboard"
    | "VirtualPointingDevice"
    | "VirtualMachineVMCIDevice"
    | "VirtualPCIPassthrough"
    | "VirtualHdAudioCard";
}

/**
 * A device, told apart by `$type`. Servers know more kinds than this list: an unlisted one is decoded with the
 * fields of every device plus its own as found, under its real `$type`.
 */
export type VirtualDevice =
  | VirtualDisk
  | VirtualSCSIController
  | VirtualPlainController
  | VirtualNVMEController
  | VirtualUSBController
  | VirtualUSBXHCIController
  | VirtualEthernetCard
  | VirtualSriovEthernetCard
  | VirtualTPM
  | VirtualMachineVideoCard
  | VirtualSerialPort
  | VirtualPlainDevice;

/** One change to the device list; without `operation` the device is only named. */
export interface VirtualDeviceConfigSpec {
  operation?: "add" | "remove" | "edit";
  /** What happens to the file behind it: create on add, destroy on remove; absent leaves files alone. */
  fileOperation?: "create" | "destroy" | "replace";
  device: VirtualDevice;
  profile?: VirtualMachineProfileSpec[];
}
