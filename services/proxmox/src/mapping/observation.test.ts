import { describe, expect, test } from "@jest/globals";
import {
  Feature,
  Firmware,
  NestedPolicy,
  Outcome,
  PowerState,
  Snapshot,
  TpmVersion,
  Tristate,
  View,
  VMSpec,
} from "@virtrigaud/proto";
import type { VmAnswers } from "./found-vm.ts";
import { readVm } from "./found-vm.ts";
import { observe } from "./observation.ts";
import { readSnapshots } from "./snapshots.ts";
import {
  foundMarker,
  foundSight,
  foundUid,
  foundVm,
  owned,
  pendingOf,
  row,
} from "./testing/found-samples.ts";
import { proofJson } from "./verification.ts";
import type { VmConfig } from "./vm-config.ts";

const gib = 2 ** 30;
const see = (answers: Partial<VmAnswers>, init: Parameters<typeof foundSight>[0] = {}, view = View.FULL) =>
  observe(foundVm(answers), foundSight(init), view);

/** As Proxmox VE 9.2 answered, but for the seed. */
const recorded: VmConfig = {
  scsi0: "local:910/vm-910-disk-1.raw,discard=on,iothread=1,size=2G",
  net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0",
  ciuser: "ubuntu",
  bios: "ovmf",
  balloon: 8192,
  agent: "enabled=1",
  cpu: "host",
  name: "nested-hypervisor",
  sockets: 1,
  vmgenid: "2cefd5de-e6f0-45ad-b824-770427acfc3e",
  ostype: "l26",
  ipconfig0: "ip=dhcp",
  hotplug: "disk,network,usb,cpu,memory",
  meta: "creation-qemu=10.0.13,ctime=1795167572",
  memory: "16384",
  boot: "order=scsi0;ide2;net0",
  ide2: "local:iso/vrtg-11111111-2222-4333-8444-555555555555-seed.iso,media=cdrom,size=366K",
  tags: "virtrigaud;vrtg-11111111-2222-4333-8444-555555555555",
  vcpus: 8,
  cpuunits: 200,
  efidisk0: "local:910/vm-910-disk-0.raw,efitype=4m,pre-enrolled-keys=0,size=528K",
  scsihw: "virtio-scsi-single",
  machine: "q35,viommu=intel",
  numa: 1,
  tpmstate0: "local:910/vm-910-disk-2.raw,size=4M,version=v2.0",
  smbios1: "uuid=11111111-2222-4333-8444-555555555555",
  cores: 8,
  cpulimit: "4",
};

const asked = VMSpec.fromPartial({
  name: "nested-hypervisor",
  cpus: 8,
  memoryBytes: 16 * gib,
  firmware: Firmware.UEFI,
  nestedVirtualization: { policy: NestedPolicy.REQUIRED },
  cpuHotAdd: true,
  memoryHotAdd: true,
  iommu: true,
  tpm: { version: TpmVersion.TPM_VERSION_2_0 },
  cpuAllocation: { limitMhz: 10_400, shares: 200 },
  memoryAllocation: { reservationBytes: 8 * gib },
  disks: [{ name: "root", sizeBytes: 2 * gib }],
  networkInterfaces: [{ name: "lan", macAddress: "bc:24:11:00:00:01", proxmox: { bridge: "vmbr0" } }],
  tags: ["Virtrigaud"],
  cloudInit: { userData: "#cloud-config\n", metaData: {} },
});

test("a running VM, whole", () => {
  const vm = see({
    row: row({ status: "running" }),
    status: {
      status: "running",
      qmpstatus: "running",
      name: "nested-hypervisor",
      memhost: 1_000,
      mem: 500,
      diskread: 10,
      diskwrite: 20,
      netin: 110,
      netout: 7,
      cpu: 0.25,
    },
    pending: pendingOf(owned(asked, recorded)),
    agent: {
      result: [
        {
          name: "lo",
          "hardware-address": "00:00:00:00:00:00",
          "ip-addresses": [{ "ip-address": "127.0.0.1" }],
        },
        {
          name: "br0",
          "hardware-address": "BC:24:11:00:00:01",
          "ip-addresses": [
            { "ip-address-type": "ipv6", "ip-address": "fe80::1", prefix: 64 },
            { "ip-address-type": "ipv4", "ip-address": "192.0.2.10", prefix: 24 },
          ],
        },
        { name: "wg0" },
      ],
    },
  });
  const { nested, spec, appliedCapabilities, ...rest } = vm;
  expect(rest).toEqual({
    id: "910",
    name: "nested-hypervisor",
    owner: { uid: foundUid, specFingerprint: "f".repeat(64), controllerId: "lab" },
    powerState: PowerState.ON,
    host: "pve1",
    guestInterfaces: [
      { name: "br0", macAddress: "bc:24:11:00:00:01", ipAddresses: ["192.0.2.10", "fe80::1"] },
      { name: "wg0", macAddress: "", ipAddresses: [] },
    ],
    guestAgent: Tristate.TRUE,
    restartRequired: false,
    restartRequiredReasons: [],
    usage: {
      cpuSeconds: 0,
      memoryBytes: 1_000,
      diskReadBytes: 10,
      diskWriteBytes: 20,
      networkReceiveBytes: 110,
      networkTransmitBytes: 7,
    },
    createTime: new Date(1_795_167_572_000),
  });
  expect(nested).toEqual({
    requested: Tristate.TRUE,
    hostCapable: Tristate.TRUE,
    configured: Tristate.UNKNOWN,
    verified: Tristate.UNKNOWN,
    cpuFeature: "vmx",
    mechanism: "cpu",
    level: 1,
    reason: "CONFIGURATION_UNKNOWN",
    message:
      "the guest has the CPU that the node or QEMU shows, which proves nothing; verify it inside the guest",
    evidence: [
      "node pve1: capabilities/qemu/cpu-flags?accel=kvm: nested-virt supported on pve1",
      "node pve1: cpuinfo.flags: vmx",
      "running configuration: cpu=host",
    ],
    verifiedAt: undefined,
  });
  expect(spec).toEqual({ ...asked, cloudInit: undefined });
  expect(
    appliedCapabilities.map(({ feature, subject, outcome, observedValue }) => [
      feature,
      subject,
      outcome,
      observedValue,
    ]),
  ).toEqual([
    [Feature.CPU, "", Outcome.APPLIED, "8"],
    [Feature.MEMORY, "", Outcome.APPLIED, "16384 MiB"],
    [Feature.FIRMWARE_UEFI, "", Outcome.APPLIED, "ovmf"],
    [Feature.CPU_HOT_ADD, "", Outcome.APPLIED, "vcpus=8 of 8, hotplug=cpu"],
    [Feature.MEMORY_HOT_ADD, "", Outcome.APPLIED, "numa=1, hotplug=memory"],
    [Feature.NESTED_VIRTUALIZATION, "", Outcome.APPLIED, "host"],
    [Feature.TPM, "", Outcome.APPLIED, "v2.0"],
    [Feature.IOMMU, "", Outcome.APPLIED, "viommu=intel"],
    [Feature.MEMORY_RESERVATION, "", Outcome.APPLIED, "balloon=8192"],
    [Feature.CPU_LIMIT, "", Outcome.APPLIED, "cpulimit=4"],
    [Feature.CPU_SHARES, "", Outcome.APPLIED, "cpuunits=200"],
    [Feature.CLOUD_INIT, "", Outcome.APPLIED, "local:iso/vrtg-11111111-2222-4333-8444-555555555555-seed.iso"],
    [Feature.TAGS, "", Outcome.APPLIED, "virtrigaud"],
    [Feature.DISK_SIZE, "root", Outcome.APPLIED, String(2 * gib)],
    [Feature.NETWORK_INTERFACE, "lan", Outcome.APPLIED, "vmbr0"],
    [Feature.MAC_ADDRESS, "lan", Outcome.APPLIED, "BC:24:11:00:00:01"],
  ]);
});

describe("a knob that is not as asked is not reported as applied", () => {
  test.each<[string, VmConfig, Feature]>([
    ["fewer CPUs", { vcpus: 4 }, Feature.CPU],
    ["less memory", { memory: "8192" }, Feature.MEMORY],
    ["BIOS", { bios: "seabios" }, Feature.FIRMWARE_UEFI],
    ["no CPU hot-plug", { hotplug: "disk,network" }, Feature.CPU_HOT_ADD],
    ["no NUMA", { numa: 0 }, Feature.MEMORY_HOT_ADD],
    ["a portable CPU", { cpu: "x86-64-v2-AES" }, Feature.NESTED_VIRTUALIZATION],
    ["nesting off", { cpu: "host,flags=-nested-virt" }, Feature.NESTED_VIRTUALIZATION],
    ["another TPM", { tpmstate0: "local:910/x.raw,size=4M" }, Feature.TPM],
    ["no IOMMU", { machine: "q35" }, Feature.IOMMU],
    ["a smaller balloon", { balloon: 1024 }, Feature.MEMORY_RESERVATION],
    ["no balloon", { balloon: 0 }, Feature.MEMORY_RESERVATION],
    ["another bound", { cpulimit: "2" }, Feature.CPU_LIMIT],
    ["no bound", { cpulimit: "0" }, Feature.CPU_LIMIT],
    ["another weight", { cpuunits: 100 }, Feature.CPU_SHARES],
    ["no seed", { ide2: "none,media=cdrom" }, Feature.CLOUD_INIT],
    [
      "the template's cloud-init drive",
      { ide2: "local:910/vm-910-cloudinit.qcow2,media=cdrom" },
      Feature.CLOUD_INIT,
    ],
    ["a smaller disk", { scsi0: "local:910/vm-910-disk-1.raw,size=1G" }, Feature.DISK_SIZE],
    ["another bridge", { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr1" }, Feature.NETWORK_INTERFACE],
    ["another card", { net0: "virtio=BC:24:11:00:00:02,bridge=vmbr0" }, Feature.MAC_ADDRESS],
  ])("%s", (_, change, feature) => {
    const features = (config: VmConfig) => {
      const { tags: _tags, ...rest } = config;
      return see({ pending: pendingOf(owned(asked, rest)) }).appliedCapabilities.map((one) => one.feature);
    };
    expect(features(recorded)).toContain(feature);
    expect(features({ ...recorded, ...change })).not.toContain(feature);
  });

  test.each<[string, VmConfig, Feature[]]>([
    [
      "as asked",
      {
        scsi0: "local-lvm:v,iops=500,serial=root,size=2G",
        net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=42,mtu=1400",
      },
      [
        Feature.DISK_PROVISIONING,
        Feature.STORAGE_CLASS,
        Feature.DISK_CONTROLLER,
        Feature.DISK_IOPS_LIMIT,
        Feature.VLAN,
        Feature.MTU,
      ],
    ],
    [
      "with other values",
      {
        scsi0: "local-lvm:v,iops=501,serial=root,size=2G",
        net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=43,mtu=1401",
      },
      [Feature.DISK_PROVISIONING, Feature.STORAGE_CLASS, Feature.DISK_CONTROLLER],
    ],
    ["elsewhere", { virtio0: "local:v,serial=root,size=2G" }, [Feature.DISK_PROVISIONING]],
  ])("devices %s", (_, config, features) => {
    const devices = VMSpec.fromPartial({
      name: "a",
      disks: [
        {
          name: "root",
          provisioning: "DISK_PROVISIONING_THIN" as never,
          storageClass: "fast",
          controller: "DISK_CONTROLLER_PARAVIRTUAL_SCSI" as never,
          iopsLimit: 500,
        },
      ],
      networkInterfaces: [{ name: "lan", macAddress: "bc:24:11:00:00:01", vlanId: 42, mtuBytes: 1400 }],
    });
    const { appliedCapabilities } = see({
      pending: pendingOf(owned(devices, { scsihw: "virtio-scsi-single", ...config })),
    });
    const common = [Feature.CPU, Feature.MEMORY, Feature.NETWORK_INTERFACE, Feature.MAC_ADDRESS];
    expect(appliedCapabilities.map(({ feature }) => feature).filter((one) => !common.includes(one))).toEqual(
      features,
    );
  });

  test("a tag that was taken off", () => {
    const config = { ...owned(asked, recorded), tags: `vrtg-${foundUid}` };
    expect(
      see({ pending: pendingOf(config) }).appliedCapabilities.some(({ feature }) => feature === Feature.TAGS),
    ).toBe(false);
  });
});

test("a row of a listing alone", () => {
  const vm = see({ row: row({ status: "running", tags: `web;vrtg-${foundUid}`, mem: 5 }) }, {}, View.BASIC);
  expect(vm).toEqual({
    id: "910",
    name: "nested-hypervisor",
    owner: { uid: foundUid, specFingerprint: "", controllerId: "" },
    powerState: PowerState.ON,
    host: "pve1",
    guestInterfaces: [],
    guestAgent: Tristate.UNKNOWN,
    nested: {
      requested: Tristate.UNKNOWN,
      hostCapable: Tristate.TRUE,
      configured: Tristate.UNKNOWN,
      verified: Tristate.UNKNOWN,
      cpuFeature: "vmx",
      mechanism: "cpu",
      level: 1,
      reason: "CONFIGURATION_NOT_READ",
      message: "Proxmox VE's lists of VMs do not tell their CPUs; GetVM does",
      evidence: [
        "node pve1: capabilities/qemu/cpu-flags?accel=kvm: nested-virt supported on pve1",
        "node pve1: cpuinfo.flags: vmx",
      ],
      verifiedAt: undefined,
    },
    restartRequired: false,
    restartRequiredReasons: [],
    spec: undefined,
    appliedCapabilities: [],
    usage: undefined,
    createTime: undefined,
  });
});

test("a VM of nobody, with devices of all kinds", () => {
  const vm = see({
    pending: pendingOf({
      name: "by-hand",
      cores: 2,
      sockets: 2,
      cpuunits: 50,
      cpulimit: "1.5",
      scsihw: "megasas",
      scsi1: "thick:vm-910-disk-1,size=8G",
      virtio0: "local-lvm:vm-910-disk-0,iops=500,size=32G",
      sata3: "local:910/vm-910-disk-3.qcow2,size=1G",
      ide0: "none,media=cdrom",
      net1: "e1000=BC:24:11:00:00:09,bridge=vmbr1,tag=42,mtu=1400,firewall=1",
      hostpci0: "mapping=gpu,pcie=1",
      tags: "a;b",
    }),
  });
  expect([vm.owner, vm.usage]).toEqual([undefined, undefined]);
  expect(vm.appliedCapabilities).toEqual([]);
  expect(vm.nested).toMatchObject({
    requested: Tristate.UNKNOWN,
    configured: Tristate.FALSE,
    reason: "NOT_REQUESTED",
  });
  expect(vm.spec).toEqual(
    VMSpec.fromPartial({
      name: "by-hand",
      cpus: 4,
      memoryBytes: gib / 2,
      firmware: Firmware.BIOS,
      nestedVirtualization: { policy: NestedPolicy.UNSPECIFIED },
      cpuAllocation: { limitMhz: 3_900, shares: 50 },
      disks: [
        {
          name: "scsi1",
          sizeBytes: 8 * gib,
          storageClass: "thick",
          controller: "DISK_CONTROLLER_LSI_LOGIC_SAS" as never,
        },
        {
          name: "virtio0",
          sizeBytes: 32 * gib,
          storageClass: "local-lvm",
          controller: "DISK_CONTROLLER_VIRTIO_BLK" as never,
          iopsLimit: 500,
        },
        { name: "sata3", sizeBytes: gib, storageClass: "local", controller: "DISK_CONTROLLER_SATA" as never },
      ],
      networkInterfaces: [
        {
          name: "net1",
          proxmox: { bridge: "vmbr1", firewall: true },
          macAddress: "bc:24:11:00:00:09",
          model: "e1000",
          vlanId: 42,
          mtuBytes: 1400,
        },
      ],
      tags: ["a", "b"],
    }),
  );
});

test("no balloon is all memory reserved, no bound none", () => {
  const { spec } = see({ pending: pendingOf({ memory: "2048", balloon: 0, cpulimit: "0" }) });
  expect([spec?.memoryAllocation, spec?.cpuAllocation]).toEqual([{ reservationBytes: 2 * gib }, undefined]);
});

test("a copy of our VM, made in the web interface, is nobody's", () => {
  const copy = see({ row: row({ vmid: 911, id: "qemu/911" }), pending: pendingOf(owned(asked, recorded)) });
  expect([copy.id, copy.owner, copy.appliedCapabilities]).toEqual(["911", undefined, []]);
});

describe("power", () => {
  test.each<[Record<string, string>, PowerState]>([
    [{ status: "running", qmpstatus: "running" }, PowerState.ON],
    [{ status: "running" }, PowerState.ON],
    [{ status: "running", qmpstatus: "paused" }, PowerState.PAUSED],
    [{ status: "running", qmpstatus: "prelaunch" }, PowerState.PAUSED],
    [{ status: "running", qmpstatus: "io-error" }, PowerState.PAUSED],
    [{ status: "running", qmpstatus: "suspended" }, PowerState.PAUSED],
    [{ status: "stopped", qmpstatus: "stopped" }, PowerState.OFF],
    [{ status: "stopped", lock: "suspended" }, PowerState.SUSPENDED],
    [{ status: "stopped", lock: "backup" }, PowerState.OFF],
    [{ status: "unknown" }, PowerState.UNKNOWN],
    [{}, PowerState.UNKNOWN],
  ])("%j", (status, state) => {
    expect(see({ row: row({ status: undefined, ...status }) }).powerState).toBe(state);
    expect(see({ row: row({ status: undefined, lock: "suspended" }), status }).powerState).toBe(state);
  });

  test("a state that Proxmox VE does not have is not guessed at", () => {
    expect(() =>
      see({ row: row({ status: "running" }), status: { status: "running", qmpstatus: "dreaming" } }),
    ).toThrow('unknown VM state "dreaming"');
  });
});

describe("the guest's agent", () => {
  test.each<[string, Partial<VmAnswers>, Tristate]>([
    ["answers", { agent: { result: [] } }, Tristate.TRUE],
    ["is silent", { agent: "silent" }, Tristate.FALSE],
    ["was not asked", { pending: pendingOf({ agent: "1" }) }, Tristate.UNKNOWN],
    ["has no device", { pending: pendingOf({}) }, Tristate.FALSE],
    ["is switched off", { pending: pendingOf({ agent: "0,type=virtio" }) }, Tristate.FALSE],
  ])("%s", (_, answers, agent) => {
    expect(see({ row: row({ status: "running" }), ...answers }).guestAgent).toBe(agent);
  });

  test("is not missed in a VM that is off", () => {
    expect(see({ pending: pendingOf({}) }).guestAgent).toBe(Tristate.UNKNOWN);
  });

  test("tells no loopback, of Windows either", () => {
    const result = [
      {
        name: "Loopback Pseudo-Interface 1",
        "ip-addresses": [{ "ip-address": "::1" }, { "ip-address": "127.0.0.1" }],
      },
      { name: "lo" },
      { name: "dummy0", "hardware-address": "00:00:00:00:00:00" },
      {
        name: "Ethernet",
        "hardware-address": "bc:24:11:00:00:01",
        "ip-addresses": [{ "ip-address": "192.0.2.1" }],
      },
    ];
    expect(see({ agent: { result } }).guestInterfaces).toEqual([
      { name: "dummy0", macAddress: "", ipAddresses: [] },
      { name: "Ethernet", macAddress: "bc:24:11:00:00:01", ipAddresses: ["192.0.2.1"] },
    ]);
  });
});

describe("what waits for a restart", () => {
  const config = { memory: "256", cores: 1, vcpus: 1, name: "lc" };

  test("of a running VM, a sentence each", () => {
    const vm = see({
      row: row({ status: "running" }),
      pending: pendingOf(config, { memory: "512", balloon: 128, cores: "1" }, ["vcpus"]),
    });
    expect(vm.restartRequired).toBe(true);
    expect(vm.restartRequiredReasons).toEqual([
      "balloon=128 is stored, nothing of it runs; power the VM off and on",
      "memory=512 is stored, memory=256 runs; power the VM off and on",
      "vcpus is removed, vcpus=1 runs; power the VM off and on",
    ]);
    expect(vm.spec?.memoryBytes).toBe(512 * 2 ** 20);
  });

  test("nothing of a VM that is off", () => {
    const vm = see({ pending: pendingOf(config, { memory: "512" }) });
    expect([vm.restartRequired, vm.restartRequiredReasons]).toEqual([false, []]);
  });
});

describe("nested", () => {
  const required = VMSpec.fromPartial({ name: "a", nestedVirtualization: { policy: NestedPolicy.REQUIRED } });
  const nested = (
    config: VmConfig,
    init: Parameters<typeof foundSight>[0] = {},
    spec = required,
    power: Record<string, unknown> = {},
    pending: VmConfig = {},
  ) => see({ row: row(power), pending: pendingOf(owned(spec, config), pending) }, init).nested;
  const flagged = { cpu: "Westmere,flags=+nested-virt" };

  test.each<[string, VmConfig, Tristate]>([
    ["no cpu option", {}, Tristate.FALSE],
    ["host", { cpu: "host" }, Tristate.UNKNOWN],
    ["host with the flag", { cpu: "host,flags=+nested-virt" }, Tristate.TRUE],
    ["host without it", { cpu: "host,flags=-nested-virt" }, Tristate.FALSE],
    ["a model", { cpu: "EPYC-Milan" }, Tristate.FALSE],
    ["a model with the flag", flagged, Tristate.TRUE],
    ["a portable model", { cpu: "x86-64-v2-AES" }, Tristate.FALSE],
    ["a custom model", { cpu: "custom-lab" }, Tristate.UNKNOWN],
    ["emulated", { cpu: "max", kvm: 0 }, Tristate.UNKNOWN],
    ["a model, emulated", { cpu: "EPYC", kvm: 0 }, Tristate.UNKNOWN],
    ["kvm64, emulated", { cpu: "kvm64", kvm: 0 }, Tristate.FALSE],
  ])("configured: %s", (_, config, answer) => {
    expect(nested(config)?.configured).toBe(answer);
  });

  test.each<[string, Parameters<typeof nested>, string, Tristate]>([
    ["not asked", [flagged, {}, VMSpec.fromPartial({ name: "a" })], "NOT_REQUESTED", Tristate.TRUE],
    ["the node cannot", [flagged, { node: { nestedVirt: false } }], "HOST_INCAPABLE", Tristate.TRUE],
    ["not configured", [{ cpu: "kvm64" }], "NOT_CONFIGURED", Tristate.FALSE],
    [
      "the node does not tell",
      [flagged, { node: { nestedVirt: undefined } }],
      "HOST_CAPABILITY_UNKNOWN",
      Tristate.TRUE,
    ],
    ["the node is unknown", [flagged, { node: { name: "pve2" } }], "HOST_CAPABILITY_UNKNOWN", Tristate.TRUE],
    ["simulated", [flagged, { simulated: true }], "SIMULATED", Tristate.TRUE],
    ["not proven", [flagged], "NOT_YET_VERIFIED", Tristate.TRUE],
    // What a running guest has is what it was started with, not what waits.
    [
      "stored, not running",
      [{ cpu: "kvm64" }, {}, required, { status: "running" }, flagged],
      "NOT_CONFIGURED",
      Tristate.FALSE,
    ],
  ])("%s", (_, args, reason, configured) => {
    expect(nested(...args)).toMatchObject({ reason, configured, verified: Tristate.UNKNOWN });
  });

  test("VBS asks for it too", () => {
    const vbs = VMSpec.fromPartial({ name: "a", virtualizationBasedSecurity: true });
    expect(nested(flagged, {}, vbs)?.requested).toBe(Tristate.TRUE);
  });

  test.each([
    [new Set(["vmx", "hypervisor"]), 2],
    [new Set(["vmx"]), 1],
    [undefined, 0],
  ])("level on a node with %s", (cpuFlags, level) => {
    expect(nested(flagged, { node: { cpuFlags } })?.level).toBe(level);
  });

  test("a proof holds for the spec that it was taken of", () => {
    const proof = {
      verdict: Tristate.TRUE,
      reason: "VERIFIED",
      message: "an inner VM ran",
      evidence: ["/dev/kvm: character device 10,232"],
      verifiedAt: new Date("2025-01-02T03:04:05.000Z"),
    };
    const withProof = (fingerprint: string) => {
      const config = owned(required, flagged);
      const description = `${config.description}\n<!-- virtrigaud.io/proof ${proofJson(proof, fingerprint)} -->`;
      return see({ pending: pendingOf({ ...config, description }) }).nested;
    };
    expect(withProof("f".repeat(64))).toMatchObject({
      verified: Tristate.TRUE,
      reason: "VERIFIED",
      message: "an inner VM ran",
      verifiedAt: proof.verifiedAt,
    });
    expect(withProof("f".repeat(64))?.evidence.at(-1)).toBe(proof.evidence[0]);
    expect(withProof("e".repeat(64))?.verified).toBe(Tristate.UNKNOWN);
  });
});

test("a marker that names its image", () => {
  const spec = VMSpec.fromPartial({ name: "a", image: { name: "ubuntu" }, disks: [{ name: "root" }] });
  const config = owned(
    spec,
    { scsi0: "local:vm-910-disk-0,size=2G" },
    { image: "template 9000 (ubuntu-24.04)" },
  );
  expect(
    see({ pending: pendingOf(config) }).appliedCapabilities.find(({ feature }) => feature === Feature.IMAGE),
  ).toEqual({
    feature: Feature.IMAGE,
    outcome: Outcome.APPLIED,
    mechanism: "clone",
    observedValue: "template 9000 (ubuntu-24.04)",
    reason: "",
    subject: "",
  });
  expect(foundMarker(spec, { image: "x" }).image).toBe("x");
});

test.each([
  ["a container", { type: "lxc", vmid: 200 }],
  ["a node", { type: "node", node: "pve1" }],
  ["a row without number", { type: "qemu" }],
  ["nothing", undefined],
])("%s is no VM", (_, entry) => {
  expect(readVm({ row: entry })).toBeUndefined();
});

describe("snapshots", () => {
  test("as Proxmox VE 9.2 answered", () => {
    const list = [
      { vmstate: 0, description: "first\n", name: "s1", snaptime: 1_795_167_624 },
      { running: 0, parent: "s1", name: "current", description: "You are here!", digest: "b3f7" },
    ];
    expect(readSnapshots(list)).toEqual([
      {
        id: "s1",
        name: "s1",
        description: "first",
        includesMemory: false,
        quiesced: false,
        parentId: "",
        current: true,
        createTime: new Date(1_795_167_624_000),
      },
    ]);
  });

  test("a tree, oldest first", () => {
    const list = [
      { name: "current", parent: "b" },
      { name: "c", parent: "a", snaptime: 30, vmstate: 1 },
      { name: "a", snaptime: 10 },
      { name: "b", parent: "a", snaptime: 20, vmstate: "1" },
    ];
    const snapshot = (name: string, seconds: number, init: Partial<Snapshot> = {}) =>
      Snapshot.fromPartial({ id: name, name, createTime: new Date(seconds * 1000), ...init });
    expect(readSnapshots(list)).toEqual([
      snapshot("a", 10),
      snapshot("b", 20, { parentId: "a", current: true, includesMemory: true }),
      snapshot("c", 30, { parentId: "a", includesMemory: true }),
    ]);
  });

  test.each([[[]], [[{ name: "current" }]], [undefined], ["?"]])("none in %j", (list) => {
    expect(readSnapshots(list)).toEqual([]);
  });
});
