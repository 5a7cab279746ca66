import { describe, expect, test } from "@jest/globals";
import {
  DiskController,
  DiskProvisioning,
  Feature,
  Firmware,
  Outcome,
  TpmVersion,
  type VMSpec,
} from "@virtrigaud/proto";
import { configureClone } from "./clone.ts";
import type { Template } from "./inventory.ts";
import type { PlanInput } from "./plan.ts";
import { intel, older, storages } from "./testing/sample-nodes.ts";
import { image, inventory, type Part, plan, settings, ubuntu } from "./testing/sample-plan.ts";

const gib = 2 ** 30;
const mib = 2 ** 20;
const template = (config: Template["config"]): Partial<PlanInput> => ({
  template: { ...ubuntu, config: { ...ubuntu.config, ...config } },
});
const disk = (more: Part<VMSpec["disks"][0]>) => ({ disks: [{ name: "root", sizeBytes: gib, ...more }] });
const nic = (more: Part<VMSpec["networkInterfaces"][0]>) => ({ networkInterfaces: [{ name: "a", ...more }] });

describe("refused", () => {
  test.each<[string, Part<VMSpec>, Partial<PlanInput>, string, string, RegExp]>([
    [
      "a storage class that leads nowhere",
      disk({ storageClass: "gold" }),
      {},
      "spec.disks[root].storage_class",
      "STORAGE_CLASS_UNKNOWN",
      /storage class gold .*node pve1.*\(mapped: none\).*\(there are: fast-ssd, local-lvm, nfs, thick\)/,
    ],
    [
      "a storage that is off",
      disk({ storageClass: "old" }),
      {},
      "spec.disks[root].storage_class",
      "STORAGE_CLASS_UNKNOWN",
      /old/,
    ],
    [
      "a storage without images",
      disk({}),
      { settings: { ...settings, storage: "local" } },
      "spec.placement.datastore",
      "PLACEMENT_UNKNOWN",
      /no active storage local for disk images on node pve1; there are: /,
    ],
    [
      "a choice among several storages",
      disk({}),
      { settings: { storageClasses: {}, accel: "kvm", vmids: { first: 100, last: 200 } } },
      "spec.placement.datastore",
      "PLACEMENT_UNKNOWN",
      /several storages could take the disks/,
    ],
    [
      "a blank disk without a size",
      { disks: [{ name: "root" }] },
      {},
      "spec.disks[root].size_bytes",
      "REQUIRED",
      /needs a size/,
    ],
    [
      "more than a thick storage has",
      disk({ storageClass: "thick", sizeBytes: 600 * gib }),
      {},
      "spec.disks[root].size_bytes",
      "CAPACITY",
      /thick has 536870912000 bytes free/,
    ],
    [
      "a BusLogic controller",
      disk({ controller: DiskController.BUS_LOGIC }),
      {},
      "spec.disks[root].controller",
      "DISK_CONTROLLER_UNSUPPORTED",
      /no BusLogic/,
    ],
    [
      "SCSI controllers of two kinds",
      {
        disks: [
          { name: "a", sizeBytes: gib, controller: DiskController.LSI_LOGIC },
          { name: "b", sizeBytes: gib, controller: DiskController.PARAVIRTUAL_SCSI },
        ],
      },
      {},
      "spec.disks[b].controller",
      "DISK_CONTROLLER_UNSUPPORTED",
      /of one kind, here lsi/,
    ],
    [
      "a seventh SATA disk",
      {
        disks: Array.from({ length: 7 }, (_, index) => ({
          name: `d${index}`,
          sizeBytes: gib,
          controller: DiskController.SATA,
        })),
      },
      {},
      "spec.disks[d6].controller",
      "DISK_CONTROLLER_UNSUPPORTED",
      /6 sata disks at the most/,
    ],
    [
      "another controller than the template's",
      { image, ...disk({ controller: DiskController.SATA }) },
      template({}),
      "spec.disks[root].controller",
      "DISK_CONTROLLER_UNSUPPORTED",
      /root disk at scsi0/,
    ],
    [
      "another SCSI controller than the template's",
      { image, ...disk({ controller: DiskController.LSI_LOGIC }) },
      template({}),
      "spec.disks[root].controller",
      "DISK_CONTROLLER_UNSUPPORTED",
      /here virtio-scsi-single/,
    ],
    [
      "secure boot on a template without keys",
      { image, secureBoot: true },
      template({
        bios: "ovmf",
        efidisk0: "local-lvm:base-9000-disk-1,efitype=4m,pre-enrolled-keys=0,size=4M",
      }),
      "spec.secure_boot",
      "SECURE_BOOT_UNSUPPORTED",
      /--efidisk0 STORAGE:1,efitype=4m,pre-enrolled-keys=1/,
    ],
    [
      "another TPM than the template's",
      { image, tpm: { version: TpmVersion.TPM_VERSION_2_0 } },
      template({ tpmstate0: "local-lvm:base-9000-disk-2,size=4M" }),
      "spec.tpm.version",
      "TPM_VERSION_UNSUPPORTED",
      /has a TPM v1.2/,
    ],
    [
      "a linked clone on another storage",
      {
        image: { ...image, proxmox: { templateId: 9000, fullClone: false } },
        ...disk({ storageClass: "nfs" }),
      },
      template({}),
      "spec.image.proxmox.full_clone",
      "CONFLICTING_OPTIONS",
      /\(local-lvm\), not on nfs/,
    ],
    [
      "a linked clone on LVM",
      { image: { ...image, proxmox: { templateId: 9000, fullClone: false } } },
      template({ scsi0: "thick:base-9000-disk-0,size=10G" }),
      "spec.image.proxmox.full_clone",
      "CLONE_UNSUPPORTED",
      /thick cannot make linked clones/,
    ],
    [
      "an image without a source",
      { image: { name: "x", libvirt: { path: "/x" } } },
      {},
      "spec.image",
      "IMAGE_SOURCE_MISSING",
      /add source.proxmox.templateID, source.proxmox.templateName or source.http.url/,
    ],
    [
      "an image that is not prepared",
      { image: { name: "x", url: { url: "https://images.example/x.qcow2", checksum: "ab" } } },
      {},
      "spec.image",
      "IMAGE_NOT_PREPARED",
      /call PrepareImage/,
    ],
    [
      "a template that is not there",
      { image: { name: "x", proxmox: { templateName: "debian" } } },
      {},
      "spec.image",
      "IMAGE_UNKNOWN",
      /no template debian .*there are: 9000 ubuntu-22-04; give its token VM.Clone/,
    ],
    [
      "a template on the wrong node",
      { image: { name: "x", proxmox: { templateId: 9000, node: "pve2" } } },
      {},
      "spec.image",
      "IMAGE_UNKNOWN",
      /no template 9000 on node pve2/,
    ],
    [
      "two templates of one name",
      { image },
      {
        inventory: {
          ...inventory(),
          templates: [
            { vmid: 9000, name: "ubuntu-22-04", node: "pve1" },
            { vmid: 9001, name: "ubuntu-22-04", node: "pve2" },
          ],
        },
      },
      "spec.image",
      "IMAGE_AMBIGUOUS",
      /2 of template ubuntu-22-04 \(9000, 9001\)/,
    ],
    [
      "a bridge that is not there",
      nic({ proxmox: { bridge: "vmbr9" } }),
      {},
      "spec.network_interfaces[a].proxmox.bridge",
      "NETWORK_UNKNOWN",
      /no bridge or SDN vnet vmbr9 .*there are: lab, vmbr0, vmbr1/,
    ],
    [
      "an attachment of other hypervisors",
      nic({ vsphere: { portgroup: "VM Network" } }),
      {},
      "spec.network_interfaces[a]",
      "NETWORK_SOURCE_MISSING",
      /add network.proxmox.bridge/,
    ],
    [
      "a card that QEMU has not",
      nic({ model: "ne3000" }),
      {},
      "spec.network_interfaces[a].model",
      "NETWORK_MODEL_UNSUPPORTED",
      /ne3000 .*use virtio, e1000, rtl8139, vmxnet3, e1000e/,
    ],
    [
      "a card of a later version",
      nic({ model: "e1000e" }),
      { inventory: inventory(older("6.4-15")) },
      "spec.network_interfaces[a].model",
      "NETWORK_MODEL_UNSUPPORTED",
      /Proxmox VE 6.4-15; use virtio, e1000, rtl8139, vmxnet3$/,
    ],
    [
      "an MTU on other cards than virtio",
      nic({ model: "e1000", mtuBytes: 9000 }),
      {},
      "spec.network_interfaces[a].mtu_bytes",
      "MTU_UNSUPPORTED",
      /virtio cards only/,
    ],
    [
      "an MTU that is too large",
      nic({ mtuBytes: 65_530 }),
      {},
      "spec.network_interfaces[a].mtu_bytes",
      "MTU_UNSUPPORTED",
      /65520 at the most/,
    ],
    [
      "a device by its address",
      nic({ sriovDevice: "0000:03:10.1" }),
      {},
      "spec.network_interfaces[a].sriov_device",
      "SRIOV_DEVICE_UNKNOWN",
      /lets only root assign an address.*Mapping.Use on \/mapping\/pci/,
    ],
    [
      "a device before mappings",
      nic({ sriovDevice: "vf" }),
      { inventory: inventory(older("7.4-16")) },
      "spec.network_interfaces[a].sriov_device",
      "HYPERVISOR_VERSION",
      /from Proxmox VE 8.0 on, node pve1 has 7.4-16/,
    ],
    [
      "a device with an address",
      nic({ sriovDevice: "vf0", macAddress: "52:54:00:00:00:01" }),
      {},
      "spec.network_interfaces[a].mac_address",
      "CONFLICTING_OPTIONS",
      /keeps its own address/,
    ],
    [
      "weights beyond the node's",
      { cpuAllocation: { shares: 10_001 } },
      {},
      "spec.cpu_allocation.shares",
      "CPU_SHARES_RANGE",
      /from 1 to 10000, not 10001/,
    ],
    [
      "weights below the node's",
      { cpuAllocation: { shares: 1 } },
      { inventory: inventory(older("6.4-15")) },
      "spec.cpu_allocation.shares",
      "CPU_SHARES_RANGE",
      /from 2 to 262144/,
    ],
    [
      "a bound of nothing",
      { cpuAllocation: { limitMhz: 0 } },
      {},
      "spec.cpu_allocation.limit_mhz",
      "CPU_LIMIT_RANGE",
      /from 20 to 256000 MHz, not to 0/,
    ],
    [
      "a bound where the speed is not told",
      { cpuAllocation: { limitMhz: 100 } },
      { inventory: inventory(intel({ coreMhz: undefined })) },
      "spec.cpu_allocation.limit_mhz",
      "CPU_SPEED_UNKNOWN",
      /Sys.Audit on \/nodes\/pve1/,
    ],
    [
      "a reservation where the speed is not told",
      { cpuAllocation: { reservationMhz: 100 } },
      { inventory: inventory(intel({ threads: undefined })) },
      "spec.cpu_allocation.reservation_mhz",
      "CPU_SPEED_UNKNOWN",
      /Sys.Audit/,
    ],
    [
      "hot-add where CPUs are not told",
      { cpuHotAdd: true },
      { inventory: inventory(intel({ threads: undefined })) },
      "spec.cpu_hot_add",
      "HYPERVISOR_PERMISSION",
      /Sys.Audit/,
    ],
    [
      "a limit below the memory",
      { memoryAllocation: { limitBytes: gib } },
      {},
      "spec.memory_allocation.limit_bytes",
      "MEMORY_LIMIT_UNSUPPORTED",
      /less than memory 4294967296/,
    ],
    [
      "a reservation above the memory",
      { memoryAllocation: { reservationBytes: 5 * gib } },
      {},
      "spec.memory_allocation.reservation_bytes",
      "CONFLICTING_OPTIONS",
      /more than the VM's memory/,
    ],
    [
      "hot-add of too little memory",
      { memoryHotAdd: true, memoryBytes: 512 * mib },
      {},
      "spec.memory_hot_add",
      "CONFLICTING_OPTIONS",
      /1Gi of memory at the least/,
    ],
    [
      "hot-add of odd memory",
      { memoryHotAdd: true, memoryBytes: 1100 * mib },
      {},
      "spec.memory_hot_add",
      "CONFLICTING_OPTIONS",
      /steps of 512 MiB at this size, not 1100/,
    ],
    [
      "hot-add of odd larger memory",
      { memoryHotAdd: true, memoryBytes: 17_920 * mib },
      {},
      "spec.memory_hot_add",
      "CONFLICTING_OPTIONS",
      /steps of 1024 MiB/,
    ],
    ["a name that is no DNS name", { name: "my vm" }, {}, "spec.name", "INVALID_NAME", /DNS names only/],
    ["a tag with a space", { tags: ["team b"] }, {}, "spec.tags", "TAG_UNSUPPORTED", /not "team b"/],
    ["a tag like our own", { tags: ["vrtg-x"] }, {}, "spec.tags", "TAG_UNSUPPORTED", /provider's own/],
    [
      "an option of ours",
      { extraConfig: { scsi1: "local:1" } },
      {},
      "spec.extra_config",
      "RESERVED_KEY",
      /scsi1 is written by the provider/,
    ],
    [
      "an option of root's",
      { extraConfig: { args: "-device x" } },
      {},
      "spec.extra_config",
      "EXTRA_CONFIG_ROOT_ONLY",
      /lets only root set args/,
    ],
    [
      "a serial port of the node's",
      { extraConfig: { serial0: "/dev/ttyS0" } },
      {},
      "spec.extra_config",
      "EXTRA_CONFIG_ROOT_ONLY",
      /serial0 can only be socket/,
    ],
    [
      "an option that there is not",
      { extraConfig: { __proto: "1" } },
      {},
      "spec.extra_config",
      "EXTRA_CONFIG_UNSUPPORTED",
      /no option __proto/,
    ],
    [
      "an empty option",
      { extraConfig: { onboot: "" } },
      {},
      "spec.extra_config",
      "EXTRA_CONFIG_UNSUPPORTED",
      /onboot is empty/,
    ],
    [
      "a password",
      { extraConfig: { cipassword: "secret" } },
      {},
      "spec.extra_config",
      "RESERVED_KEY",
      /^cipassword is written[^t]/,
    ],
    [
      "SSH keys as they are",
      { extraConfig: { sshkeys: "ssh-ed25519 AAAA me" } },
      {},
      "spec.extra_config",
      "EXTRA_CONFIG_UNSUPPORTED",
      /must be percent-encoded/,
    ],
    [
      "an ostype beside VBS",
      { virtualizationBasedSecurity: true, extraConfig: { ostype: "l26" } },
      {},
      "spec.extra_config",
      "CONFLICTING_OPTIONS",
      /sets ostype/,
    ],
    [
      "a marker that is too long",
      {},
      {
        marker: {
          uid: "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd",
          specFingerprint: "f",
          controllerId: "c",
          vmid: 100,
          canonicalSpec: JSON.stringify({ notes: "x".repeat(8192) }),
        },
      },
      "spec",
      "INVALID_TEXT",
      /8192|description/,
    ],
    [
      "BIOS with secure boot",
      { firmware: Firmware.BIOS, secureBoot: true },
      {},
      "spec.firmware",
      "CONFLICTING_OPTIONS",
      /set firmware: UEFI/,
    ],
  ])("%s", (_, asked, more, field, reason, description) => {
    const planned = plan(asked, more);
    expect(planned.plan).toBeUndefined();
    expect(planned.violations).toContainEqual({
      field,
      reason,
      description: expect.stringMatching(description),
    });
    expect(planned.violations.filter((one) => one.field !== field)).toEqual([]);
  });
});

test("what is refused is told as such, once for each knob", () => {
  const { applied } = plan({ cpus: 65, tags: ["a b", "c d"], ...disk({ storageClass: "gold" }) });
  const refused = applied.filter(({ outcome }) => outcome === Outcome.REFUSED);
  expect(refused.map(({ feature, subject }) => [feature, subject])).toEqual([
    [Feature.STORAGE_CLASS, "root"],
    [Feature.TAGS, ""],
    [Feature.CPU, ""],
  ]);
});

describe("where disks go", () => {
  const created = (asked: Part<VMSpec>, more: Partial<PlanInput> = {}) =>
    plan(asked, more).plan?.create ?? {};
  test.each<[string, Part<VMSpec>, Partial<PlanInput>, object]>([
    [
      "by class",
      disk({ storageClass: "gold" }),
      { settings: { ...settings, storageClasses: { gold: { storage: "nfs" } } } },
      { scsi0: "nfs:1,format=qcow2,discard=on,iothread=1,serial=root" },
    ],
    [
      "by placement",
      { ...disk({}), placement: { datastore: "fast-ssd" } },
      {},
      { scsi0: "fast-ssd:1,discard=on,iothread=1,serial=root" },
    ],
    [
      "to the only storage",
      disk({}),
      {
        settings: { storageClasses: {}, accel: "kvm", vmids: { first: 100, last: 200 } },
        inventory: inventory(intel({ storages: storages.slice(0, 2) })),
      },
      { scsi0: "local-lvm:1,discard=on,iothread=1,serial=root" },
    ],
    [
      "with an odd size",
      disk({ sizeBytes: 1537 * mib }),
      {},
      { scsi0: "local-lvm:1.5009765625,discard=on,iothread=1,serial=root" },
    ],
    [
      "to an LSI controller",
      disk({ controller: DiskController.LSI_LOGIC }),
      {},
      { scsihw: "lsi", scsi0: "local-lvm:1,discard=on,serial=root" },
    ],
    [
      "beside an LSI controller",
      {
        disks: [
          { name: "a", sizeBytes: gib, controller: DiskController.LSI_LOGIC_SAS },
          { name: "b", sizeBytes: gib },
        ],
      },
      {},
      {
        scsihw: "megasas",
        scsi0: "local-lvm:1,discard=on,serial=a",
        virtio0: "local-lvm:1,discard=on,iothread=1,serial=b",
      },
    ],
  ])("%s", (_, asked, more, options) => {
    expect(created(asked, more)).toMatchObject(options);
  });

  test.each<[DiskProvisioning, string, Outcome, RegExp]>([
    [DiskProvisioning.THIN, "local-lvm", Outcome.APPLIED, /^$/],
    [DiskProvisioning.THIN, "nfs", Outcome.APPLIED, /^$/],
    [DiskProvisioning.THIN, "thick", Outcome.SUBSTITUTED, /its type decides.*lvmthin/],
    [DiskProvisioning.THIN, "fast-ssd", Outcome.SUBSTITUTED, /`sparse` decides/],
    [DiskProvisioning.THICK, "thick", Outcome.APPLIED, /^$/],
    [DiskProvisioning.THICK, "local-lvm", Outcome.SUBSTITUTED, /type lvm$/],
    [DiskProvisioning.EAGER_ZEROED, "thick", Outcome.SUBSTITUTED, /does not clear it/],
  ])("%s on %s", (provisioning, storageClass, outcome, reason) => {
    const { applied } = plan(disk({ provisioning, storageClass }));
    expect(applied.find(({ feature }) => feature === Feature.DISK_PROVISIONING)).toMatchObject({
      outcome,
      reason: expect.stringMatching(reason),
    });
  });
});

test.each(
  "affinity amd-sev arch args hookscript hugepages intel-tdx ivshmem keephugepages lock parallel0 skiplock vmgenid".split(
    " ",
  ),
)("only root can set %s", (key) => {
  const { violations } = plan({ extraConfig: { [key]: "1" } });
  expect(violations.map(({ reason }) => reason)).toEqual(["EXTRA_CONFIG_ROOT_ONLY"]);
});

test.each([
  [64, 2, 8],
  [6, 2, 6],
  [4, 4, 4],
])("of a node's %d threads a VM of %d CPUs can grow to %d", (threads, cpus, cores) => {
  const { plan: made } = plan({ cpus, cpuHotAdd: true }, { inventory: inventory(intel({ threads })) });
  expect(made?.create).toMatchObject({ sockets: 1, cores, vcpus: cpus });
});

describe("a clone", () => {
  const cloned = (asked: Part<VMSpec>, config: Template["config"] = {}) =>
    plan({ image, ...asked }, template(config)).plan?.clone;

  test("has its own cards, and none of the template's others", () => {
    const clone = cloned(nic({}), {
      net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0",
      net1: "e1000=BC:24:11:00:00:02,bridge=vmbr1",
    });
    expect(clone?.removed).toEqual(["net1"]);
    expect(Object.keys(clone?.options ?? {}).filter((name) => name.startsWith("net"))).toEqual(["net0"]);
  });

  test("keeps the template's cards where none is asked for", () => {
    expect(cloned({})?.removed).toEqual([]);
  });

  test("loses what would make it another VM than asked", () => {
    const clone = cloned({}, { kvm: 0, vcpus: 1, balloon: 6000 });
    expect(clone?.removed).toEqual(["kvm", "vcpus"]);
    expect(clone?.options).toMatchObject({ balloon: 4096 });
    expect(cloned({}, { balloon: 0 })?.options).not.toHaveProperty("balloon");
  });

  test("is configured by what it is", () => {
    const clone = cloned({
      disks: [
        { name: "root", sizeBytes: 20 * gib, iopsLimit: 300 },
        { name: "data", sizeBytes: gib },
      ],
    });
    if (clone === undefined) throw new Error("no clone");
    const found = {
      scsi0: "local-lvm:vm-100-disk-0,cache=writeback,size=10G",
      ide0: "local-lvm:vm-100-cloudinit,media=cdrom",
    };
    const { parameters, resizes } = configureClone(clone, found);
    expect(parameters).toMatchObject({
      scsi0: "local-lvm:vm-100-disk-0,cache=writeback,serial=root,iops=300",
      scsi1: "local-lvm:1,discard=on,iothread=1,serial=data",
    });
    expect(resizes).toEqual([{ disk: "scsi0", size: "20G" }]);
    expect(configureClone(clone, { scsi0: "local-lvm:vm-100-disk-0,size=30G" }).resizes).toEqual([]);
  });

  test("gets more disks beside the template's own, on its controller", () => {
    const clone = cloned(
      { disks: [{ name: "root" }, { name: "data", sizeBytes: gib }] },
      { scsihw: "virtio-scsi-pci" },
    );
    expect(clone?.options).toMatchObject({ scsi1: "local-lvm:1,discard=on,serial=data" });
    expect(clone?.options).not.toHaveProperty("scsihw");
  });

  test("keeps the template's machine, firmware and people's notes", () => {
    const clone = cloned(
      { firmware: Firmware.UEFI, secureBoot: true },
      {
        machine: "pc-q35-9.2+pve1,viommu=virtio",
        bios: "ovmf",
        efidisk0: "local-lvm:base-9000-disk-1,efitype=4m,pre-enrolled-keys=1,size=4M",
      },
    );
    expect(clone?.options).toMatchObject({ bios: "ovmf", machine: "pc-q35-9.2+pve1,viommu=virtio" });
    expect(clone?.options).not.toHaveProperty("efidisk0");
    expect(String(clone?.options.description)).toContain("made by hand");
  });

  test("of a prepared image is found by the image's content", () => {
    const url = { url: "https://images.example/x.qcow2", checksum: "ab".repeat(32) };
    const asked = plan({ image: { name: "x", url } }, { inventory: { ...inventory(), templates: [] } });
    expect(asked.violations[0]?.reason).toBe("IMAGE_NOT_PREPARED");
  });
});
