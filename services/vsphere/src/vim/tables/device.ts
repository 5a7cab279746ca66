import { define, extend, type TypeDef, variants } from "../type-def.ts";
import type * as vim from "../types.ts";

/** Virtual devices; what is behind them is in device-backing.ts. */
export const deviceTypes: Record<string, TypeDef> = {
  VirtualDeviceConfigSpec: define<vim.VirtualDeviceConfigSpec>({
    operation: "string",
    fileOperation: "string",
    device: "VirtualDevice",
    profile: "VirtualMachineProfileSpec[]",
  }),
  VirtualDevice: define<vim.VirtualDeviceFields>({
    key: "int",
    deviceInfo: "Description",
    backing: "VirtualDeviceBackingInfo",
    connectable: "VirtualDeviceConnectInfo",
    controllerKey: "int",
    unitNumber: "int",
  }),
  Description: define<vim.Description>({ label: "string", summary: "string" }),
  VirtualDeviceConnectInfo: define<vim.VirtualDeviceConnectInfo>({
    migrateConnect: "string",
    startConnected: "boolean",
    allowGuestControl: "boolean",
    connected: "boolean",
    status: "string",
  }),
  StorageIOAllocationInfo: define<vim.StorageIOAllocationInfo>({
    limit: "long",
    shares: "SharesInfo",
    reservation: "int",
  }),
  VirtualDisk: extend<vim.VirtualDisk, vim.VirtualDeviceFields>("VirtualDevice", {
    capacityInKB: "long",
    capacityInBytes: "long",
    storageIOAllocation: "StorageIOAllocationInfo",
    diskObjectId: "string",
  }),
  VirtualTPM: extend<vim.VirtualTPM, vim.VirtualDeviceFields>("VirtualDevice", {
    endorsementKeyCertificateSigningRequest: "base64Binary[]",
    endorsementKeyCertificate: "base64Binary[]",
  }),
  VirtualMachineVideoCard: extend<vim.VirtualMachineVideoCard, vim.VirtualDeviceFields>("VirtualDevice", {
    videoRamSizeInKB: "long",
    numDisplays: "int",
    useAutoDetect: "boolean",
  }),
  VirtualSerialPort: extend<vim.VirtualSerialPort, vim.VirtualDeviceFields>("VirtualDevice", {
    yieldOnPoll: "boolean",
  }),
  ...variants("VirtualDevice", [
    "VirtualCdrom",
    "VirtualFloppy",
    "VirtualKeyboard",
    "VirtualPointingDevice",
    "VirtualMachineVMCIDevice",
    "VirtualPCIPassthrough",
    "VirtualHdAudioCard",
  ]),
  ...controllerTypes(),
  ...ethernetTypes(),
};

function controllerTypes(): Record<string, TypeDef> {
  return {
    VirtualController: extend<vim.VirtualControllerFields, vim.VirtualDeviceFields>("VirtualDevice", {
      busNumber: "int",
      device: "int[]",
    }),
    VirtualSCSIController: extend<vim.VirtualSCSIControllerFields, vim.VirtualControllerFields>(
      "VirtualController",
      { hotAddRemove: "boolean", sharedBus: "string", scsiCtlrUnitNumber: "int" },
    ),
    ...variants("VirtualSCSIController", [
      "ParaVirtualSCSIController",
      "VirtualLsiLogicController",
      "VirtualLsiLogicSASController",
      "VirtualBusLogicController",
    ]),
    VirtualNVMEController: extend<vim.VirtualNVMEController, vim.VirtualControllerFields>(
      "VirtualController",
      { sharedBus: "string" },
    ),
    VirtualUSBController: extend<vim.VirtualUSBController, vim.VirtualControllerFields>("VirtualController", {
      autoConnectDevices: "boolean",
      ehciEnabled: "boolean",
    }),
    VirtualUSBXHCIController: extend<vim.VirtualUSBXHCIController, vim.VirtualControllerFields>(
      "VirtualController",
      { autoConnectDevices: "boolean" },
    ),
    ...variants("VirtualController", [
      "VirtualAHCIController",
      "VirtualIDEController",
      "VirtualPCIController",
      "VirtualPS2Controller",
      "VirtualSIOController",
    ]),
  };
}

function ethernetTypes(): Record<string, TypeDef> {
  return {
    VirtualEthernetCard: extend<vim.VirtualEthernetCardFields, vim.VirtualDeviceFields>("VirtualDevice", {
      addressType: "string",
      macAddress: "string",
      wakeOnLanEnabled: "boolean",
      externalId: "string",
    }),
    ...variants("VirtualEthernetCard", ["VirtualVmxnet3", "VirtualE1000", "VirtualE1000e"]),
    VirtualSriovEthernetCard: extend<vim.VirtualSriovEthernetCard, vim.VirtualEthernetCardFields>(
      "VirtualEthernetCard",
      { allowGuestOSMtuChange: "boolean", sriovBacking: "VirtualSriovEthernetCardSriovBackingInfo" },
    ),
  };
}
