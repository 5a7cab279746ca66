import { describe, expect, test } from "@jest/globals";
import {
  DiskController,
  DiskProvisioning,
  Feature,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  Outcome,
  type VMSpec,
} from "@virtrigaud/proto";
import type { PlanInput } from "./plan.ts";
import { amd, intel, intelFlat, tcg } from "./testing/sample-hosts.ts";
import { completeExample, firstClass, type Part, plan, ubuntu, uid } from "./testing/sample-plan.ts";

const gib = 1024 ** 3;
const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

test("the seed documents' complete example is accepted whole", () => {
  const { plan: made, violations, applied } = plan(completeExample(), { image: ubuntu });
  expect(violations).toEqual([]);
  expect(made?.volumes.map(({ xml: _, ...volume }) => volume)).toEqual([
    {
      disk: "root",
      pool: "fast-ssd",
      name: `${uid}-root.qcow2`,
      path: `/srv/ssd/${uid}-root.qcow2`,
      capacityBytes: 200 * gib,
      backing: ubuntu.path,
      preallocate: false,
    },
  ]);
  expect(made?.seed).toEqual({
    pool: "fast-ssd",
    name: `${uid}-seed.iso`,
    path: `/srv/ssd/${uid}-seed.iso`,
    files: {
      "meta-data": `{\n  "local-hostname": "nested-hypervisor",\n  "instance-id": "${uid}"\n}\n`,
      "user-data": "#cloud-config\nhostname: nested-hypervisor\n",
    },
  });
  expect(applied.map(({ feature }) => feature)).toEqual([
    Feature.CPU,
    Feature.MEMORY,
    Feature.FIRMWARE_UEFI,
    Feature.CPU_HOT_ADD,
    Feature.MEMORY_HOT_ADD,
    Feature.NESTED_VIRTUALIZATION,
    Feature.LATENCY_SENSITIVITY,
    Feature.HYPER_THREADING_POLICY,
    Feature.IOMMU,
    Feature.CPU_RESERVATION,
    Feature.MEMORY_RESERVATION,
    Feature.CLOUD_INIT,
    Feature.IMAGE,
    Feature.DISK_SIZE,
    Feature.DISK_PROVISIONING,
    Feature.STORAGE_CLASS,
  ]);
});

describe("nested virtualization", () => {
  test.each<[string, Partial<PlanInput>, string]>([
    ["Intel", {}, '<feature policy="require" name="vmx"/>'],
    ["AMD", { host: amd() }, '<feature policy="require" name="svm"/>'],
    [
      "emulation, whose svm is in the model's name",
      { host: tcg() },
      '<feature policy="require" name="svm"/>',
    ],
    [
      "a host whose features could not be expanded",
      { host: intel({ cpuFeatures: undefined }) },
      '<feature policy="require" name="vmx"/>',
    ],
  ])("%s: one feature", (_, more, feature) => {
    const { plan: made, violations } = plan(nested, more);
    expect(violations).toEqual([]);
    expect(made?.domainXml.match(/<feature policy=[^>]*>/g)).toEqual([feature]);
  });

  test.each<[string, Partial<PlanInput>, string]>([
    [
      "Intel with kvm_intel nested=0",
      { host: intelFlat() },
      "host kvm-1 cannot give nested virtualization (domain capabilities (kvm, pc-q35-8.2): host-model Skylake-Server-IBRS, vendor Intel, host-model lists vmx=not listed, expanded CPU features: vmx absent, /sys/module/kvm_intel/parameters/nested=N); echo 'options kvm-intel nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf; with all VMs off: sudo modprobe -r kvm_intel && sudo modprobe kvm_intel; check: cat /sys/module/kvm_intel/parameters/nested (Y or 1); libvirt notices by itself",
    ],
    [
      "AMD that is itself a VM without svm",
      { host: amd({ cpuFeatures: new Set(["npt"]) }) },
      "host kvm-2 cannot give nested virtualization (domain capabilities (kvm, pc-q35-8.2): host-model EPYC-Milan, vendor AMD, host-model lists svm=not listed, expanded CPU features: svm absent); this host is itself a VM: have its own hypervisor pass svm on to it (nested virtualization there); echo 'options kvm-amd nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf; with all VMs off: sudo modprobe -r kvm_amd && sudo modprobe kvm_amd; check: cat /sys/module/kvm_amd/parameters/nested (Y or 1); libvirt notices by itself",
    ],
    [
      "a libvirt that remembers the old answer",
      { host: intelFlat({ readings: { kvmIntelNested: "Y" } }) },
      "host kvm-1 cannot give nested virtualization (domain capabilities (kvm, pc-q35-8.2): host-model Skylake-Server-IBRS, vendor Intel, host-model lists vmx=not listed, expanded CPU features: vmx absent, /sys/module/kvm_intel/parameters/nested=Y); KVM has nesting on, but libvirt still remembers it off: systemctl restart libvirtd (or virtqemud), and if that is not enough remove /var/cache/libvirt/qemu/capabilities/ first",
    ],
  ])("%s: refused with the knob", (_, more, description) => {
    const { plan: made, violations, applied } = plan(nested, more);
    expect(made).toBeUndefined();
    expect(violations).toEqual([
      { field: "spec.nested_virtualization", reason: "NESTED_UNSUPPORTED", description },
    ]);
    expect(
      applied.filter(({ outcome }) => outcome === Outcome.REFUSED).map(({ feature }) => feature),
    ).toEqual([Feature.NESTED_VIRTUALIZATION]);
  });

  test("not on another architecture", () => {
    const { domain } = intel();
    const { violations } = plan(nested, { host: intel({ domain: { ...domain, arch: "aarch64" } }) });
    expect(violations.map(({ reason }) => reason)).toEqual([
      "ARCHITECTURE_UNSUPPORTED",
      "NESTED_UNSUPPORTED",
    ]);
  });

  test("the first class implies secure boot although it says false", () => {
    const { violations, applied } = plan(firstClass());
    expect(violations).toEqual([]);
    expect(
      applied.filter(({ outcome }) => outcome === Outcome.IMPLIED).map(({ feature }) => feature),
    ).toEqual([Feature.SECURE_BOOT]);
  });
});

describe("refusals", () => {
  const high = { latencySensitivity: LatencySensitivity.HIGH };
  const root = (more: object) => ({ disks: [{ name: "root", sizeBytes: gib, ...more }] });
  const nic = (more: object) => ({ networkInterfaces: [{ name: "eth", ...more }] });
  const image = (more: object) => ({ image: { name: "img", ...more } });
  test.each<[string, Part<VMSpec>, Partial<PlanInput>, [string, string][]]>([
    [
      "unknown storage class",
      root({ storageClass: "gold" }),
      {},
      [["spec.disks[root].storage_class", "STORAGE_CLASS_UNKNOWN"]],
    ],
    [
      "a class that is a block pool",
      root({ storageClass: "vg0" }),
      {},
      [["spec.disks[root].storage_class", "STORAGE_CLASS_UNKNOWN"]],
    ],
    ["no default pool", root({}), { pools: [] }, [["spec.placement.datastore", "PLACEMENT_UNKNOWN"]]],
    [
      "a blank disk without size",
      { disks: [{ name: "root" }] },
      {},
      [["spec.disks[root].size_bytes", "REQUIRED"]],
    ],
    [
      "a thick disk beyond the pool",
      root({ sizeBytes: 900 * gib, provisioning: DiskProvisioning.THICK }),
      {},
      [["spec.disks[root].size_bytes", "CAPACITY"]],
    ],
    [
      "BusLogic",
      root({ controller: DiskController.BUS_LOGIC }),
      {},
      [["spec.disks[root].controller", "DISK_CONTROLLER_UNSUPPORTED"]],
    ],
    [
      "a disk's name beyond a file's",
      { disks: [{ name: "ä".repeat(80), sizeBytes: gib }] },
      {},
      [[`spec.disks[${"ä".repeat(80)}].name`, "INVALID_NAME"]],
    ],
    [
      "unknown network",
      nic({ libvirt: { network: "lan" } }),
      {},
      [["spec.network_interfaces[eth].libvirt.network", "NETWORK_UNKNOWN"]],
    ],
    [
      "inactive network",
      nic({ libvirt: { network: "old" } }),
      {},
      [["spec.network_interfaces[eth].libvirt.network", "NETWORK_INACTIVE"]],
    ],
    [
      "another hypervisor's network",
      nic({ vsphere: { portgroup: "VM Network" } }),
      {},
      [["spec.network_interfaces[eth]", "NETWORK_SOURCE_MISSING"]],
    ],
    [
      "unknown model",
      nic({ model: "ne2000" }),
      {},
      [["spec.network_interfaces[eth].model", "NETWORK_MODEL_UNSUPPORTED"]],
    ],
    ["VLAN on NAT", nic({ vlanId: 5 }), {}, [["spec.network_interfaces[eth].vlan_id", "VLAN_UNSUPPORTED"]]],
    [
      "VLAN on a plain bridge",
      nic({ vlanId: 5, libvirt: { bridge: "br0" } }),
      {},
      [["spec.network_interfaces[eth].vlan_id", "VLAN_UNSUPPORTED"]],
    ],
    [
      "unknown SR-IOV device",
      nic({ sriovDevice: "ens1f0" }),
      {},
      [["spec.network_interfaces[eth].sriov_device", "SRIOV_DEVICE_UNKNOWN"]],
    ],
    [
      "SR-IOV with model and MTU",
      nic({ sriovDevice: "vfs", model: "virtio", mtuBytes: 9000 }),
      {},
      [
        ["spec.network_interfaces[eth].model", "CONFLICTING_OPTIONS"],
        ["spec.network_interfaces[eth].mtu_bytes", "MTU_UNSUPPORTED"],
      ],
    ],
    [
      "an image for others only",
      image({ vsphere: { templateName: "t" } }),
      {},
      [["spec.image", "IMAGE_SOURCE_MISSING"]],
    ],
    [
      "an image outside of the pools",
      image({ libvirt: { path: "/etc/shadow" } }),
      {},
      [["spec.image.libvirt.path", "IMAGE_REFUSED"]],
    ],
    [
      "an image by way of a pool",
      image({ libvirt: { path: "/srv/ssd/../../etc/shadow" } }),
      {},
      [["spec.image.libvirt.path", "IMAGE_REFUSED"]],
    ],
    [
      "an image that is not there yet",
      image({ libvirt: { path: "/srv/ssd/i.qcow2" } }),
      {},
      [["spec.image", "IMAGE_NOT_PREPARED"]],
    ],
    ["another host", { placement: { host: "kvm-9" } }, {}, [["spec.placement.host", "PLACEMENT_UNKNOWN"]]],
    [
      "a vSphere folder and cluster",
      { placement: { folder: "lab", cluster: "c1" } },
      {},
      [
        ["spec.placement.cluster", "PLACEMENT_UNSUPPORTED"],
        ["spec.placement.folder", "PLACEMENT_UNSUPPORTED"],
      ],
    ],
    [
      "extra config",
      { extraConfig: { "cpu.mode": "x" } },
      {},
      [["spec.extra_config", "EXTRA_CONFIG_UNSUPPORTED"]],
    ],
    [
      "CPU beyond the host",
      { cpuAllocation: { reservationMhz: 40_000 } },
      {},
      [["spec.cpu_allocation.reservation_mhz", "CAPACITY"]],
    ],
    [
      "CPU beside what is promised",
      { cpuAllocation: { reservationMhz: 4_000 } },
      { host: intel({ reserved: { cpuMhz: 36_000, memoryBytes: 0 } }) },
      [["spec.cpu_allocation.reservation_mhz", "CAPACITY"]],
    ],
    [
      "memory beside what is promised",
      { memoryAllocation: { reservationBytes: 2 * gib } },
      { host: intel({ reserved: { cpuMhz: 0, memoryBytes: 63 * gib } }) },
      [["spec.memory_allocation.reservation_bytes", "CAPACITY"]],
    ],
    [
      "a CPU bound below the kernel's",
      { cpuAllocation: { limitMhz: 10 } },
      {},
      [["spec.cpu_allocation.limit_mhz", "CPU_LIMIT_TOO_LOW"]],
    ],
    [
      "a CPU bound on a host of unknown speed",
      { cpuAllocation: { limitMhz: 1000 } },
      { host: intel({ node: { cpus: 4, coreMhz: 0, threadsPerCore: 1, memoryBytes: gib } }) },
      [["spec.cpu_allocation.limit_mhz", "CPU_SPEED_UNKNOWN"]],
    ],
    [
      "a weight beyond cgroup v2",
      { cpuAllocation: { shares: 20_000 } },
      { host: intel({ readings: { cgroups: 2 } }) },
      [["spec.cpu_allocation.shares", "CPU_SHARES_RANGE"]],
    ],
    ["latency high without huge pages", high, { host: amd() }, [["spec.latency_sensitivity", "CAPACITY"]]],
    [
      "latency high with more CPUs than are free",
      { ...high, cpus: 4 },
      { host: intel({ pinnedCpus: new Set([0, 1, 2, 3, 4, 5, 6]) }) },
      [["spec.latency_sensitivity", "CAPACITY"]],
    ],
    [
      "latency high with a smaller reservation",
      { ...high, memoryAllocation: { reservationBytes: gib } },
      {},
      [["spec.memory_allocation.reservation_bytes", "CONFLICTING_OPTIONS"]],
    ],
    [
      "siblings on a host without SMT",
      { hyperThreadingPolicy: HyperThreadingPolicy.REQUIRE },
      { host: amd() },
      [["spec.hyper_threading_policy", "HYPER_THREADING_UNSUPPORTED"]],
    ],
    [
      "siblings for an odd number",
      { cpus: 3, hyperThreadingPolicy: HyperThreadingPolicy.REQUIRE },
      {},
      [["spec.hyper_threading_policy", "CONFLICTING_OPTIONS"]],
    ],
    [
      "more CPUs than QEMU gives",
      { cpus: 4 },
      { host: intel({ domain: { ...intel().domain, maxCpus: 2 } }) },
      [["spec.cpus", "CAPACITY"]],
    ],
    [
      "UEFI without firmware",
      { firmware: Firmware.UEFI },
      { host: intel({ domain: { ...intel().domain, efi: false } }) },
      [["spec.firmware", "FIRMWARE_UNSUPPORTED"]],
    ],
    [
      "secure boot without its firmware",
      { secureBoot: true },
      { host: intel({ domain: { ...intel().domain, secureBoot: false } }) },
      [["spec.secure_boot", "SECURE_BOOT_UNSUPPORTED"]],
    ],
    [
      "a TPM without swtpm",
      { tpm: {} },
      { host: intel({ domain: { ...intel().domain, tpm: { models: ["tpm-crb"], emulator: false } } }) },
      [["spec.tpm", "TPM_UNSUPPORTED"]],
    ],
    [
      "VBS without enlightenments",
      { virtualizationBasedSecurity: true },
      { host: intel({ domain: { ...intel().domain, hypervSupported: false } }) },
      [["spec.virtualization_based_security", "VBS_UNSUPPORTED"]],
    ],
    [
      "VBS with BIOS",
      { virtualizationBasedSecurity: true, firmware: Firmware.BIOS },
      {},
      [["spec.firmware", "CONFLICTING_OPTIONS"]],
    ],
    [
      "VBS with nesting off",
      { virtualizationBasedSecurity: true, nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      {},
      [["spec.nested_virtualization", "CONFLICTING_OPTIONS"]],
    ],
    [
      "metadata of ours",
      { cloudInit: { userData: "x", metaData: { "instance-id": "1" } }, ...root({}) },
      {},
      [["spec.cloud_init.meta_data", "METADATA_RESERVED"]],
    ],
  ])("%s", (_, asked, more, expected) => {
    const { plan: made, violations, applied } = plan(asked, more);
    expect(made).toBeUndefined();
    expect(violations.map(({ field, reason }) => [field, reason])).toEqual(expected);
    expect(violations.every(({ description }) => description.length > 20)).toBe(true);
    expect(applied.some(({ outcome }) => outcome === Outcome.REFUSED)).toBe(true);
  });

  test.each<[number, string[]]>([
    [
      1_002_013,
      [
        "spec.memory_hot_add",
        "spec.cpu_allocation.limit_mhz",
        "spec.iommu",
        "spec.tpm",
        "spec.firmware",
        "spec.secure_boot",
      ],
    ],
    [5_002_000, ["spec.secure_boot"]],
    [7_002_000, []],
  ])("libvirt %d is too old for", (libvirtVersion, fields) => {
    const asked = {
      memoryHotAdd: true,
      cpuAllocation: { limitMhz: 2000 },
      iommu: true,
      tpm: {},
      secureBoot: true,
    };
    const { violations } = plan(asked, { host: intel({ libvirtVersion }) });
    expect(violations.map(({ field }) => field).sort()).toEqual([...fields].sort());
    expect(violations.every(({ reason }) => reason === "HYPERVISOR_VERSION")).toBe(true);
  });
});

describe("substitutions", () => {
  const gibDisk = { name: "root", sizeBytes: gib };
  test.each<[string, object, Feature, string, string]>([
    [
      "eager zeroed",
      { ...gibDisk, provisioning: DiskProvisioning.EAGER_ZEROED },
      Feature.DISK_PROVISIONING,
      "qcow2, allocated in full",
      "the space is allocated and reads as zeros without having been written",
    ],
    [
      "NVMe before libvirt 11.5",
      { ...gibDisk, controller: DiskController.NVME },
      Feature.DISK_CONTROLLER,
      "virtio",
      "this libvirt has no NVMe disks (since 11.5); virtio-blk is as fast",
    ],
  ])("%s", (_, disk, feature, observedValue, reason) => {
    const { applied } = plan({ disks: [disk] });
    expect(applied.find((one) => one.feature === feature)).toMatchObject({
      outcome: Outcome.SUBSTITUTED,
      observedValue,
      reason,
      subject: "root",
    });
  });

  test("an overlay on an image takes its space on demand", () => {
    const asked = completeExample({ disks: [{ ...gibDisk, provisioning: DiskProvisioning.THICK }] });
    const { plan: made, applied } = plan(asked, { image: ubuntu });
    expect(made?.volumes[0]?.capacityBytes).toBe(ubuntu.sizeBytes);
    expect(applied.find(({ feature }) => feature === Feature.DISK_PROVISIONING)).toMatchObject({
      outcome: Outcome.SUBSTITUTED,
      observedValue: "qcow2, sparse",
    });
  });
});

test("an image without a disk in the spec gets its root disk", () => {
  const { plan: made } = plan({ image: { name: "i", libvirt: { path: ubuntu.path } } }, { image: ubuntu });
  expect(made?.volumes.map(({ disk, capacityBytes }) => [disk, capacityBytes])).toEqual([
    ["root", ubuntu.sizeBytes],
  ]);
});

test("an unprivileged libvirt is told of what it will not start", () => {
  const { advice } = plan(completeExample(), { image: ubuntu, host: tcg() });
  expect(advice.map(({ feature }) => feature)).toEqual([
    Feature.NESTED_VIRTUALIZATION,
    Feature.CPU_SHARES,
    Feature.LATENCY_SENSITIVITY,
  ]);
});
