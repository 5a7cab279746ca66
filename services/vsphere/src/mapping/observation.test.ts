import { describe, expect, test } from "@jest/globals";
import {
  CpuVendor,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  PowerState,
  Tristate,
  View,
  VMSpec,
} from "@virtrigaud/proto";
import { host, inventory } from "../testing/sample-inventory.ts";
import { marker, type Part, spec, stored, uid } from "../testing/sample-vm.ts";
import { completeExample, firstClass } from "../testing/seed-specs.ts";
import type { VirtualMachineConfigInfo, VirtualMachineRuntimeInfo } from "../vim/types.ts";
import { readVm } from "./found-vm.ts";
import type { Inventory } from "./inventory.ts";
import { observe, type Sight } from "./observation.ts";
import { stampMarker } from "./ownership.ts";

const gib = 1024 ** 3;
const runtime: VirtualMachineRuntimeInfo = {
  host: { type: "HostSystem", value: "host-1" },
  connectionState: "connected",
  powerState: "poweredOff",
};
const owned = (asked: VMSpec, more: Partial<VirtualMachineConfigInfo> = {}): VirtualMachineConfigInfo => {
  const { cloudInit, ...canonical } = asked;
  const canonicalSpec = JSON.stringify(VMSpec.toJSON({ ...canonical, cloudInit: undefined }));
  return stored({ extraConfig: stampMarker({ ...marker, canonicalSpec }), ...more });
};

interface Seen {
  config?: VirtualMachineConfigInfo | undefined;
  runtime?: Partial<VirtualMachineRuntimeInfo>;
  props?: Record<string, unknown>;
  inventory?: Partial<Inventory>;
  simulated?: boolean;
  view?: View;
}
function see({ config, props, view = View.BASIC, simulated = false, ...seen }: Seen) {
  const sight: Sight = {
    inventory: inventory(seen.inventory),
    settings: { defaults: {}, storageClasses: {} },
    simulated,
  };
  const all = { name: "vm-1", runtime: { ...runtime, ...seen.runtime }, ...(config && { config }), ...props };
  return observe(readVm({ obj: { type: "VirtualMachine", value: "vm-42" }, props: all }), sight, view);
}

describe("a VM as it is found", () => {
  test("by someone who wants little: nobody's, in a basic view", () => {
    const created = "2024-05-01T10:00:00Z";
    expect(
      see({
        props: {
          name: "100%25 mine%2fyours",
          "config.template": false,
          "config.createDate": created,
          "config.nestedHVEnabled": false,
          "config.extraConfig": [],
          "guest.toolsRunningStatus": "guestToolsRunning",
          "guest.net": [
            {
              macAddress: "00:50:56:AA:BB:CC",
              ipAddress: ["fe80::1", "192.0.2.10"],
              connected: true,
              deviceConfigId: 4000,
            },
            { connected: false, deviceConfigId: -1 },
          ],
        },
      }),
    ).toEqual({
      id: "vm-42",
      name: "100% mine/yours",
      owner: undefined,
      powerState: PowerState.OFF,
      host: "esx-1",
      guestInterfaces: [
        { name: "", macAddress: "00:50:56:aa:bb:cc", ipAddresses: ["192.0.2.10", "fe80::1"] },
        { name: "", macAddress: "", ipAddresses: [] },
      ],
      guestAgent: Tristate.TRUE,
      nested: {
        requested: Tristate.UNKNOWN,
        hostCapable: Tristate.TRUE,
        configured: Tristate.FALSE,
        verified: Tristate.UNKNOWN,
        cpuFeature: "vmx",
        mechanism: "config.nestedHVEnabled",
        level: 1,
        reason: "NOT_REQUESTED",
        message: "nested virtualization was not asked for",
        evidence: ["host esx-1: capability.nestedHVSupported=true", "vCenter: config.nestedHVEnabled=false"],
        verifiedAt: undefined,
      },
      restartRequired: false,
      restartRequiredReasons: [],
      spec: undefined,
      appliedCapabilities: [],
      usage: undefined,
      createTime: new Date(created),
    });
  });

  test.each<[string, Partial<VirtualMachineRuntimeInfo>, PowerState]>([
    ["off", {}, PowerState.OFF],
    ["on", { powerState: "poweredOn" }, PowerState.ON],
    ["suspended", { powerState: "suspended" }, PowerState.SUSPENDED],
    [
      "stopped by a question",
      { powerState: "poweredOn", question: { id: "1", text: "?" } },
      PowerState.PAUSED,
    ],
    ["off with a question", { question: { id: "1", text: "?" } }, PowerState.OFF],
    [
      "on a disconnected host",
      { powerState: "poweredOn", connectionState: "disconnected" },
      PowerState.UNKNOWN,
    ],
    ["inaccessible", { connectionState: "inaccessible" }, PowerState.UNKNOWN],
  ])("is %s", (_, state, expected) => {
    expect(see({ runtime: state }).powerState).toBe(expected);
  });

  test.each<[unknown, Tristate]>([
    ["guestToolsRunning", Tristate.TRUE],
    ["guestToolsNotRunning", Tristate.FALSE],
    [undefined, Tristate.UNKNOWN],
  ])("whose tools say %s", (status, expected) => {
    expect(see({ props: { "guest.toolsRunningStatus": status } }).guestAgent).toBe(expected);
  });

  test("by a marker that nobody can read: its owner is known, what was asked is not", () => {
    const config = stored({ extraConfig: stampMarker({ ...marker, canonicalSpec: "{broken" }) });
    const vm = see({ config, view: View.FULL });
    expect(vm.owner).toEqual({ uid, specFingerprint: "f".repeat(64), controllerId: "lab" });
    expect([vm.nested?.requested, vm.appliedCapabilities]).toEqual([Tristate.UNKNOWN, []]);
  });
});

describe("nested virtualization in its four senses", () => {
  const required = spec({ nestedVirtualization: { policy: NestedPolicy.REQUIRED } });
  const held = owned(required, { nestedHVEnabled: true });
  const only = (one: Partial<Parameters<typeof host>[1]>) => ({ inventory: { hosts: [host(1, one)] } });
  test.each<[string, Seen, [Tristate, Tristate, Tristate], string]>([
    ["as required", { config: held }, [Tristate.TRUE, Tristate.TRUE, Tristate.TRUE], "NOT_YET_VERIFIED"],
    [
      "on a simulator",
      { config: held, simulated: true },
      [Tristate.TRUE, Tristate.TRUE, Tristate.TRUE],
      "SIMULATED",
    ],
    [
      "on a host that does not tell",
      { config: held, ...only({ nestedHVSupported: undefined }) },
      [Tristate.TRUE, Tristate.UNKNOWN, Tristate.TRUE],
      "HOST_CAPABILITY_UNKNOWN",
    ],
    [
      "on no host",
      { config: held, inventory: { hosts: [] } },
      [Tristate.TRUE, Tristate.UNKNOWN, Tristate.TRUE],
      "HOST_CAPABILITY_UNKNOWN",
    ],
    [
      "on a host that cannot, after it was moved",
      { config: held, ...only({ nestedHVSupported: false }) },
      [Tristate.TRUE, Tristate.FALSE, Tristate.TRUE],
      "HOST_INCAPABLE",
    ],
    [
      "switched off by someone",
      { config: owned(required) },
      [Tristate.TRUE, Tristate.TRUE, Tristate.FALSE],
      "NOT_CONFIGURED",
    ],
    [
      "switched on by someone",
      { config: owned(spec(), { nestedHVEnabled: true }) },
      [Tristate.FALSE, Tristate.TRUE, Tristate.TRUE],
      "NOT_REQUESTED",
    ],
    [
      "implied by VBS",
      { config: owned(firstClass({ nestedVirtualization: undefined as never }), { nestedHVEnabled: true }) },
      [Tristate.TRUE, Tristate.TRUE, Tristate.TRUE],
      "NOT_YET_VERIFIED",
    ],
    ["of a VM that cannot be read", {}, [Tristate.UNKNOWN, Tristate.TRUE, Tristate.UNKNOWN], "NOT_REQUESTED"],
  ])("%s", (_, seen, senses, reason) => {
    const { nested } = see(seen);
    expect([nested?.requested, nested?.hostCapable, nested?.configured]).toEqual(senses);
    expect([nested?.verified, nested?.reason]).toEqual([Tristate.UNKNOWN, reason]);
  });

  test.each<[string, Parameters<typeof host>[1], [string, number]]>([
    ["Intel", {}, ["vmx", 1]],
    ["Zhaoxin", { vendor: CpuVendor.ZHAOXIN }, ["vmx", 1]],
    ["AMD", { vendor: CpuVendor.AMD }, ["svm", 1]],
    ["Hygon", { vendor: CpuVendor.HYGON }, ["svm", 1]],
    ["another vendor", { vendor: CpuVendor.OTHER }, ["", 1]],
    ["a host that is itself a VM", { isVirtual: true }, ["vmx", 2]],
    ["a host that tells nothing", { vendor: CpuVendor.UNSPECIFIED, system: "" }, ["", 0]],
  ])("on %s", (_, one, expected) => {
    const { nested } = see({ config: held, ...only(one ?? {}) });
    expect([nested?.cpuFeature, nested?.level]).toEqual(expected);
  });
});

describe("the whole view", () => {
  const asked = completeExample({
    networkInterfaces: [{ name: "eth0", vsphere: { portgroup: "VM Network" } }],
  });
  const held: Partial<VirtualMachineConfigInfo> = {
    name: "nested-hypervisor",
    firmware: "efi",
    nestedHVEnabled: true,
    cpuHotAddEnabled: true,
    memoryHotAddEnabled: true,
    latencySensitivity: { level: "low" },
    flags: { htSharing: "any", vvtdEnabled: true, vbsEnabled: false },
    cpuAllocation: { reservation: 4000, limit: -1, shares: { shares: 8000, level: "normal" } },
    memoryAllocation: { reservation: 8192, limit: -1, shares: { shares: 163840, level: "normal" } },
    hardware: { numCPU: 8, memoryMB: 16384, device: stored().hardware.device ?? [] },
  };

  test("tells the spec in the contract's words", () => {
    const { spec: found } = see({ config: owned(asked, held), view: View.FULL });
    expect(found).toEqual({
      ...asked,
      name: "vm-1",
      cpuAllocation: { reservationMhz: 4000, limitMhz: undefined, shares: undefined },
      memoryAllocation: { reservationBytes: 8 * gib, limitBytes: undefined },
      disks: [
        {
          name: "root",
          sizeBytes: 20 * gib,
          provisioning: "DISK_PROVISIONING_THIN",
          storageClass: "fast-ssd",
          controller: "DISK_CONTROLLER_PARAVIRTUAL_SCSI",
          iopsLimit: undefined,
        },
      ],
      networkInterfaces: [
        {
          ...asked.networkInterfaces[0],
          vsphere: { portgroup: "VM Network", distributedSwitch: "" },
          macAddress: "00:50:56:aa:bb:cc",
          model: "vmxnet3",
        },
      ],
      cloudInit: undefined,
    });
  });

  test("leaves out what is not as asked: the disk is too small and on another datastore", () => {
    const { appliedCapabilities } = see({ config: owned(asked, held), view: View.FULL });
    expect(appliedCapabilities.map(({ feature, observedValue }) => `${feature} ${observedValue}`)).toEqual([
      "FEATURE_CPU 8",
      "FEATURE_MEMORY 16384 MB",
      "FEATURE_FIRMWARE_UEFI efi",
      "FEATURE_CPU_HOT_ADD true",
      "FEATURE_MEMORY_HOT_ADD true",
      "FEATURE_NESTED_VIRTUALIZATION true",
      "FEATURE_LATENCY_SENSITIVITY low",
      "FEATURE_HYPER_THREADING_POLICY any",
      "FEATURE_IOMMU true",
      "FEATURE_CPU_RESERVATION 4000 MHz",
      "FEATURE_MEMORY_RESERVATION 8192 MB",
      "FEATURE_DISK_PROVISIONING thin=true eager=false",
      "FEATURE_NETWORK_INTERFACE VM Network",
    ]);
  });

  test("leaves out what someone changed", () => {
    const config = owned(asked, { ...held, nestedHVEnabled: false, flags: { htSharing: "none" } });
    const { appliedCapabilities } = see({ config, view: View.FULL });
    const features = appliedCapabilities.map(({ feature }) => feature);
    for (const gone of ["FEATURE_NESTED_VIRTUALIZATION", "FEATURE_HYPER_THREADING_POLICY", "FEATURE_IOMMU"])
      expect(features).not.toContain(gone);
  });

  test.each<[string, Part<VMSpec>, Partial<VirtualMachineConfigInfo>, Partial<VMSpec>]>([
    [
      "defaults that nobody asked for are unset",
      {},
      {},
      {
        cpuHotAdd: undefined,
        secureBoot: undefined,
        iommu: undefined,
        latencySensitivity: LatencySensitivity.UNSPECIFIED,
        hyperThreadingPolicy: HyperThreadingPolicy.UNSPECIFIED,
        cpuAllocation: undefined,
        memoryAllocation: undefined,
        nestedVirtualization: { policy: NestedPolicy.UNSPECIFIED },
      },
    ],
    [
      "defaults that were asked for are set",
      {
        cpuHotAdd: false,
        latencySensitivity: LatencySensitivity.NORMAL,
        hyperThreadingPolicy: HyperThreadingPolicy.AUTO,
        nestedVirtualization: { policy: NestedPolicy.DISABLED },
      },
      {},
      {
        cpuHotAdd: false,
        latencySensitivity: LatencySensitivity.NORMAL,
        hyperThreadingPolicy: HyperThreadingPolicy.AUTO,
        nestedVirtualization: { policy: NestedPolicy.DISABLED },
      },
    ],
    [
      "nothing is echoed that is not so",
      {
        latencySensitivity: LatencySensitivity.HIGH,
        hyperThreadingPolicy: HyperThreadingPolicy.AVOID,
        firmware: Firmware.UEFI,
        tags: ["a"],
      },
      {},
      {
        latencySensitivity: LatencySensitivity.UNSPECIFIED,
        hyperThreadingPolicy: HyperThreadingPolicy.UNSPECIFIED,
        firmware: Firmware.BIOS,
        tags: [],
      },
    ],
    [
      "limits of zero are limits",
      {},
      { cpuAllocation: { reservation: 0, limit: 0 } },
      { cpuAllocation: { reservationMhz: undefined, limitMhz: 0, shares: undefined } },
    ],
    [
      "options that were asked for",
      { extraConfig: { "my.key": "1", "my.other": "2" } },
      {},
      { extraConfig: {} },
    ],
  ])("%s", (_, wanted, more, expected) => {
    const { spec: found } = see({ config: owned(spec(wanted), more), view: View.FULL });
    expect(found).toMatchObject(expected);
  });
});
