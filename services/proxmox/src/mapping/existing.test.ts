import { describe, expect, test } from "@jest/globals";
import {
  ChangeEffect,
  DiskController,
  DiskProvisioning,
  Feature,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  View,
  VMSpec,
} from "@virtrigaud/proto";
import { driftLines } from "./drift.ts";
import { planExisting } from "./existing.ts";
import { observe } from "./observation.ts";
import { effectiveSpec, type PlanInput } from "./plan.ts";
import { intel, older } from "./testing/sample-nodes.ts";
import { rowSpecs } from "./testing/row-specs.ts";
import {
  completeExample,
  firstClass,
  inventory,
  type Part,
  settings,
  spec,
  ubuntu,
  uid,
} from "./testing/sample-plan.ts";
import { markerOf, type StoredVm, storedVm } from "./testing/stored-vm.ts";
import type { VmConfig } from "./vm-config.ts";

const gib = 2 ** 30;
type Made = Parameters<typeof storedVm>[1];

const reconfigure = ({ vm }: StoredVm, asked: Part<VMSpec>, more: Partial<PlanInput> = {}) =>
  planExisting(
    {
      marker: markerOf(asked),
      spec: spec(asked),
      inventory: more.inventory ?? inventory(),
      settings: more.settings ?? settings,
    },
    vm,
  );

describe("what is planned reads back as what was asked, and needs no change", () => {
  const refused = /^(?:latency-high|hyper-threading-(?:avoid|require))$/;

  test.each(Object.entries(rowSpecs).filter(([row]) => !refused.test(row)))("%s", (_, asked) => {
    const made = storedVm(asked);
    expect(made.planned.violations).toEqual([]);
    const vm = observe(made.vm, { inventory: inventory(), settings, simulated: false }, View.FULL);
    const { cloudInit: __, ...expected } = effectiveSpec(spec(asked)).spec;
    expect(vm.spec).toMatchObject(
      JSON.parse(
        JSON.stringify({
          ...expected,
          firmware: /UEFI/.test(expected.firmware) ? expected.firmware : "FIRMWARE_BIOS",
          nestedVirtualization: expected.nestedVirtualization ?? { policy: NestedPolicy.UNSPECIFIED },
        }),
      ),
    );
    expect(vm.appliedCapabilities).toEqual(made.planned.applied);
    expect(reconfigure(made, asked)).toMatchObject({ changes: [], resizes: [], violations: [], invalid: [] });
  });

  test.each<[string, Part<VMSpec>, Made]>([
    [
      "the complete example",
      completeExample(),
      {
        more: { template: ubuntu },
        changed: { scsi0: "fast-ssd:vm-100-disk-0,discard=on,iothread=1,serial=root,size=200G" },
      },
    ],
    ["the first class", firstClass(), {}],
    [
      "an older version",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { more: { inventory: inventory(older("7.4-16")) } },
    ],
  ])("%s", (_, asked, init = {}) => {
    const made = storedVm(asked, init);
    expect(made.planned.violations).toEqual([]);
    const sight = { inventory: init.more?.inventory ?? inventory(), settings, simulated: false };
    const vm = observe(made.vm, sight, View.FULL);
    const keyed = (list: typeof vm.appliedCapabilities) =>
      list.map(({ feature, subject, outcome }) => [feature, subject, outcome]);
    expect(keyed(vm.appliedCapabilities)).toEqual(keyed(made.planned.applied));
    expect(reconfigure(made, asked, init.more)).toMatchObject({ changes: [], violations: [], invalid: [] });
  });
});

describe("a change of one knob", () => {
  const running = { status: "running" };

  test.each<[string, Part<VMSpec>, Part<VMSpec>, Made, string[], VmConfig]>([
    ["CPUs", {}, { cpus: 4 }, {}, ["cpu: 2 → 4 LIVE"], { cores: 4 }],
    ["CPUs of a running VM", {}, { cpus: 4 }, running, ["cpu: 2 → 4 RESTART_REQUIRED"], { cores: 4 }],
    [
      "CPUs that can be added",
      { cpuHotAdd: true },
      { cpuHotAdd: true, cpus: 4 },
      running,
      ["cpu: 2 → 4 LIVE"],
      { vcpus: 4 },
    ],
    [
      "as many CPUs as there is room for",
      { cpuHotAdd: true },
      { cpuHotAdd: true, cpus: 8 },
      running,
      ["cpu: 2 → 8 LIVE"],
      { vcpus: 8 },
    ],
    [
      "more CPUs than there is room for",
      { cpuHotAdd: true },
      { cpuHotAdd: true, cpus: 10 },
      running,
      ["cpu: 2 → 10 RESTART_REQUIRED"],
      { cores: 40, vcpus: 10 },
    ],
    [
      "CPUs in another layout of the same",
      { cpus: 4 },
      { cpus: 4 },
      { changed: { sockets: 2, cores: 2 } },
      [],
      {},
    ],
    [
      "hot-add switched off",
      { cpuHotAdd: true },
      { cpuHotAdd: false },
      running,
      ["cpu_hot_add: vcpus=2 of 8, hotplug=cpu → hotplug without cpu RESTART_REQUIRED"],
      { cores: 2, hotplug: "network,disk,usb" },
    ],
    [
      "hot-add switched off, with other CPUs",
      { cpuHotAdd: true },
      { cpuHotAdd: false, cpus: 4 },
      {},
      ["cpu: 2 → 4 LIVE", "cpu_hot_add: vcpus=2 of 8, hotplug=cpu → hotplug without cpu LIVE"],
      { cores: 4, vcpus: 4, hotplug: "network,disk,usb" },
    ],
    [
      "memory",
      {},
      { memoryBytes: 8 * gib },
      running,
      ["memory: 4096 MiB → 8192 MiB RESTART_REQUIRED"],
      { memory: "8192" },
    ],
    [
      "memory that can be added",
      { memoryHotAdd: true },
      { memoryHotAdd: true, memoryBytes: 8 * gib },
      running,
      ["memory: 4096 MiB → 8192 MiB LIVE"],
      { memory: "8192" },
    ],
    [
      "memory that cannot be taken",
      { memoryHotAdd: true, memoryBytes: 8 * gib },
      { memoryHotAdd: true },
      running,
      ["memory: 8192 MiB → 4096 MiB RESTART_REQUIRED"],
      { memory: "4096" },
    ],
    [
      "nesting",
      {},
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      running,
      ["nested_virtualization: x86-64-v2-AES → Icelake-Server-noTSX,flags=+nested-virt RESTART_REQUIRED"],
      { cpu: "Icelake-Server-noTSX,flags=+nested-virt" },
    ],
    [
      "nesting by another CPU that gives it too",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { changed: { cpu: "host" } },
      [],
      {},
    ],
    [
      "nesting by a CPU that has none, put right",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { changed: { cpu: "host,flags=-nested-virt" } },
      ["nested_virtualization: host,flags=-nested-virt → Icelake-Server-noTSX,flags=+nested-virt LIVE"],
      { cpu: "Icelake-Server-noTSX,flags=+nested-virt" },
    ],
    [
      "nesting no more",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      {},
      {},
      ["nested_virtualization: Icelake-Server-noTSX,flags=+nested-virt → x86-64-v2-AES LIVE"],
      { cpu: "x86-64-v2-AES" },
    ],
    [
      "nesting explicitly off",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      {},
      [
        "nested_virtualization: Icelake-Server-noTSX,flags=+nested-virt → x86-64-v2-AES,flags=-nested-virt LIVE",
      ],
      { cpu: "x86-64-v2-AES,flags=-nested-virt" },
    ],
    [
      "a weight",
      {},
      { cpuAllocation: { shares: 500 } },
      running,
      ["cpu_shares: unset → cpuunits=500 LIVE"],
      { cpuunits: 500 },
    ],
    [
      "a weight no more",
      { latencySensitivity: LatencySensitivity.LOW },
      {},
      running,
      ["latency_sensitivity: cpuunits=50 → default LIVE"],
      { delete: "cpuunits" },
    ],
    [
      "a bound",
      {},
      { cpuAllocation: { limitMhz: 3000 } },
      running,
      ["cpu_limit: unset → cpulimit=1.5 LIVE"],
      { cpulimit: 1.5 },
    ],
    [
      "a bound no more",
      { cpuAllocation: { limitMhz: 3000 } },
      {},
      running,
      ["cpu_limit: cpulimit=1.5 → unset LIVE"],
      { delete: "cpulimit" },
    ],
    [
      "a reservation",
      {},
      { memoryAllocation: { reservationBytes: 2 * gib } },
      running,
      ["memory_reservation: unset → balloon=2048 LIVE"],
      { balloon: 2048 },
    ],
    [
      "a TPM",
      {},
      { tpm: { version: TpmVersion.TPM_VERSION_2_0 } },
      running,
      ["firmware_uefi: unset → ovmf RESTART_REQUIRED", "tpm: unset → v2.0 RESTART_REQUIRED"],
      {
        bios: "ovmf",
        efidisk0: "local-lvm:1,efitype=4m,pre-enrolled-keys=0",
        machine: "q35",
        tpmstate0: "local-lvm:1,version=v2.0",
      },
    ],
    [
      "an IOMMU no more",
      { iommu: true },
      {},
      running,
      ["iommu: viommu=intel → unset RESTART_REQUIRED"],
      { machine: "q35" },
    ],
    [
      "tags, beside those of others",
      { tags: ["a", "B"] },
      { tags: ["a", "c"] },
      { ...running, changed: { tags: `a;b;backup;vrtg-${uid}` } },
      ["tags: a, b, backup → a, backup, c LIVE"],
      { tags: `a;backup;c;vrtg-${uid}` },
    ],
    [
      "an option of Proxmox VE's",
      { extraConfig: { onboot: "1", tablet: "0" } },
      { extraConfig: { onboot: "0" } },
      running,
      ["extra_config onboot: 1 → 0 LIVE", "extra_config tablet: 0 → unset RESTART_REQUIRED"],
      { onboot: "0", delete: "tablet" },
    ],
    [
      "what someone changed by hand, put right",
      { cpus: 4 },
      { cpus: 4 },
      { changed: { cores: 1, memory: "512" } },
      ["cpu: 1 → 4 LIVE", "memory: 512 MiB → 4096 MiB LIVE"],
      { cores: 4, memory: "4096" },
    ],
    [
      "what waits for a restart already",
      { memoryBytes: 4 * gib },
      { memoryBytes: 4 * gib },
      { ...running, changed: { memory: "2048" }, pending: { memory: "4096" } },
      ["memory: 2048 MiB → 4096 MiB RESTART_REQUIRED"],
      {},
    ],
  ])("%s", (_, before, after, init, lines, sent) => {
    const { changes, parameters, violations, invalid } = reconfigure(storedVm(before, init), after);
    expect([violations, invalid]).toEqual([[], []]);
    const effects = changes.map(({ effect }) => effect.replace("CHANGE_EFFECT_", ""));
    expect(driftLines(changes).map((line, index) => `${line} ${effects[index]}`)).toEqual(lines);
    const { description, tags, digest, ...options } = parameters;
    expect("tags" in sent ? { ...options, tags } : options).toEqual(sent);
    expect([description, digest]).toEqual([
      expect.stringContaining(`"uid":"${uid}"`),
      "9db7d9f0ac3a2f126096f2e1587989e5a397951e",
    ]);
  });
});

describe("disks", () => {
  const root = { name: "root", sizeBytes: 32 * gib };
  const data = { name: "data", sizeBytes: 8 * gib, iopsLimit: 500 };
  const both = { disks: [root, data] };

  test("grow by a resize, and never by an option", () => {
    const { changes, parameters, resizes } = reconfigure(storedVm(both, { status: "running" }), {
      disks: [{ ...root, sizeBytes: 48 * gib }, data],
    });
    expect(changes).toEqual([
      {
        feature: Feature.DISK_SIZE,
        subject: "root",
        effect: ChangeEffect.LIVE,
        description: `${32 * gib} → ${48 * gib} bytes`,
        set: {},
        remove: [],
        resize: { disk: "scsi0", size: "48G" },
      },
    ]);
    expect(resizes).toEqual([{ disk: "scsi0", size: "48G" }]);
    expect(Object.keys(parameters).sort()).toEqual(["description", "digest", "tags"]);
  });

  test("never shrink", () => {
    const { invalid } = reconfigure(storedVm(both), { disks: [{ ...root, sizeBytes: 16 * gib }, data] });
    expect(invalid).toEqual([
      {
        field: "spec.disks[root].size_bytes",
        reason: "DISK_SHRINK",
        description: `disk root has ${32 * gib} bytes and cannot shrink to ${16 * gib}`,
      },
    ]);
  });

  test("of an image may be larger than asked, but not asked smaller than before", () => {
    const of = (sizeBytes: number): Part<VMSpec> => ({
      image: completeExample().image as never,
      disks: [{ ...root, sizeBytes }],
    });
    const changed = { scsi0: "local-lvm:vm-100-disk-0,serial=root,size=64G" };
    const made = storedVm(of(32 * gib), { more: { template: ubuntu }, changed });
    expect(reconfigure(made, of(32 * gib))).toMatchObject({ invalid: [], changes: [] });
    expect(reconfigure(made, of(16 * gib)).invalid).toMatchObject([{ reason: "DISK_SHRINK" }]);
  });

  test("stay on their storage", () => {
    const { violations } = reconfigure(storedVm(both), { disks: [{ ...root, storageClass: "thick" }, data] });
    expect(violations).toEqual([
      {
        field: "spec.disks[root].storage_class",
        reason: "DISK_MOVE_UNSUPPORTED",
        description:
          "disk root is on storage local-lvm and is not moved; keep its storage class, or add a disk of the other class",
      },
    ]);
  });

  test("come and go, and keep their volumes", () => {
    const logs = {
      name: "a disk with a long and odd name",
      sizeBytes: 4 * gib,
      controller: DiskController.VIRTIO_BLK,
    };
    const { changes, parameters } = reconfigure(storedVm(both, { status: "running" }), {
      disks: [root, logs],
    });
    expect(driftLines(changes)).toEqual([
      "disk_size a disk with a long and odd name: absent → virtio0",
      "disk_size data: at scsi1 → detached, kept as an unused disk",
    ]);
    expect(changes.map(({ effect }) => effect)).toEqual([ChangeEffect.LIVE, ChangeEffect.LIVE]);
    expect(parameters).toMatchObject({
      virtio0: expect.stringMatching(/^local-lvm:4,discard=on,iothread=1,serial=vrtg-[0-9a-f]{8}$/),
      delete: "scsi1",
    });
  });

  test("of another name are other disks", () => {
    const made = storedVm({ disks: [root] });
    expect(driftLines(reconfigure(made, { disks: [{ ...root, name: "boot" }] }).changes)).toEqual([
      "disk_size boot: absent → scsi1",
      "disk_size root: at scsi0 → detached, kept as an unused disk",
    ]);
  });

  test("keep a bound that someone else set", () => {
    const made = storedVm(
      { disks: [root] },
      { changed: { scsi0: "local-lvm:v,serial=root,iops=7,size=32G" } },
    );
    expect(reconfigure(made, { disks: [root] }).changes).toEqual([]);
  });

  test("of a VM that has none", () => {
    const { changes, parameters, violations } = reconfigure(storedVm({}), { disks: [root] });
    expect(violations).toEqual([]);
    expect(driftLines(changes)).toEqual(["disk_size root: absent → scsi0"]);
    expect(parameters).toMatchObject({
      scsihw: "virtio-scsi-single",
      scsi0: "local-lvm:32,discard=on,iothread=1,serial=root",
    });
  });

  test("a bound changes with everything else of the disk in place", () => {
    const made = storedVm(both, {
      status: "running",
      changed: { scsi1: "local-lvm:vm-100-disk-1,iops=500,mbps_rd=10,serial=data,size=8G" },
    });
    const to = (iopsLimit?: number) => {
      const { changes, parameters } = reconfigure(made, {
        disks: [root, { name: "data", sizeBytes: 8 * gib, ...(iopsLimit && { iopsLimit }) }],
      });
      return [driftLines(changes), changes[0]?.effect, parameters.scsi1];
    };
    expect(to(900)).toEqual([
      ["disk_iops_limit data: 500 → 900"],
      ChangeEffect.LIVE,
      "local-lvm:vm-100-disk-1,size=8G,serial=data,iops=900,mbps_rd=10",
    ]);
    expect(to()).toEqual([
      ["disk_iops_limit data: 500 → unset"],
      ChangeEffect.LIVE,
      "local-lvm:vm-100-disk-1,size=8G,serial=data,mbps_rd=10",
    ]);
  });

  test("that someone else plugged in stay, with their bounds", () => {
    const made = storedVm(both, { changed: { scsi5: "thick:vm-100-disk-9,iops=5,size=1G" } });
    expect(reconfigure(made, both).changes).toEqual([]);
  });
});

describe("network interfaces", () => {
  const lan = { name: "lan", proxmox: { bridge: "vmbr0" } };
  const lab = { name: "lab", proxmox: { bridge: "lab" }, vlanId: 42 };
  const running = { status: "running" };
  const change = (before: Part<VMSpec>, after: Part<VMSpec>, init: Made = running) => {
    const { changes, parameters, violations } = reconfigure(storedVm(before, init), after);
    expect(violations).toEqual([]);
    const { description: _, digest: __, tags: ___, ...sent } = parameters;
    return [changes.map(({ feature, subject, effect }) => `${feature} ${subject} ${effect}`), sent];
  };

  test("move to another bridge without being unplugged, and keep what a spec has no word for", () => {
    const made = storedVm({ networkInterfaces: [lan] });
    const net0 = String(made.vm.config.next.net0);
    const mac = /virtio=([0-9A-F:]+)/.exec(net0)?.[1];
    const init = { ...running, changed: { net0: `${net0},queues=4,rate=10`, hotplug: "0" } };
    expect(
      change(
        { networkInterfaces: [lan] },
        { networkInterfaces: [{ ...lan, proxmox: { bridge: "vmbr1" }, vlanId: 7 }] },
        init,
      ),
    ).toEqual([
      ["FEATURE_NETWORK_INTERFACE lan CHANGE_EFFECT_LIVE"],
      { net0: `virtio=${mac},bridge=vmbr1,tag=7,queues=4,rate=10` },
    ]);
  });

  test("leave their VLAN", () => {
    const [, sent] = change(
      { networkInterfaces: [lab] },
      { networkInterfaces: [{ ...lab, vlanId: undefined as never }] },
    );
    expect(sent).toEqual({ net0: expect.stringMatching(/^virtio=[0-9A-F:]{17},bridge=lab$/) });
  });

  test("come and go", () => {
    const before = { networkInterfaces: [lan, lab] };
    const [lines, sent] = change(before, { networkInterfaces: [lab, { ...lan, name: "new" }] });
    expect(lines).toEqual([
      "FEATURE_NETWORK_INTERFACE new CHANGE_EFFECT_LIVE",
      "FEATURE_NETWORK_INTERFACE lan CHANGE_EFFECT_LIVE",
    ]);
    expect(sent).toEqual({
      net2: expect.stringMatching(/^virtio=[0-9A-F:]{17},bridge=vmbr0$/),
      delete: "net0",
    });
  });

  test("that someone else plugged in stay", () => {
    const init = { changed: { net5: "e1000=BC:24:11:00:00:09,bridge=vmbr1" } };
    expect(change({ networkInterfaces: [lan] }, { networkInterfaces: [lan] }, init)).toEqual([[], {}]);
  });

  test("that are devices of the node need a restart", () => {
    const vf = { name: "vf", sriovDevice: "nic-a" };
    expect(change({ networkInterfaces: [lan] }, { networkInterfaces: [lan, vf] })).toEqual([
      ["FEATURE_SRIOV  CHANGE_EFFECT_RESTART_REQUIRED", "FEATURE_SRIOV vf CHANGE_EFFECT_RESTART_REQUIRED"],
      { hostpci0: "mapping=nic-a,pcie=1", machine: "q35" },
    ]);
    expect(change({ networkInterfaces: [lan, vf] }, { networkInterfaces: [lan] })).toEqual([
      ["FEATURE_SRIOV vf CHANGE_EFFECT_RESTART_REQUIRED"],
      { delete: "hostpci0" },
    ]);
  });
});

describe("what cannot be", () => {
  test.each<[string, Part<VMSpec>, string, string]>([
    ["another name", { name: "other" }, "spec.name", "NAME_IMMUTABLE"],
    [
      "a refused knob",
      { latencySensitivity: LatencySensitivity.HIGH },
      "spec.latency_sensitivity",
      "LATENCY_SENSITIVITY_UNSUPPORTED",
    ],
    [
      "a bridge that is not there",
      { networkInterfaces: [{ name: "x", proxmox: { bridge: "no" } }] },
      "spec.network_interfaces[x].proxmox.bridge",
      "NETWORK_UNKNOWN",
    ],
    [
      "a storage that is not there",
      { disks: [{ name: "x", sizeBytes: gib, storageClass: "no" }] },
      "spec.disks[x].storage_class",
      "STORAGE_CLASS_UNKNOWN",
    ],
    ["a tag that is none", { tags: ["a b"] }, "spec.tags", "TAG_UNSUPPORTED"],
    ["more memory than the node has", { memoryBytes: 999 * gib }, "spec.memory_bytes", "CAPACITY"],
  ])("%s", (_, after, field, reason) => {
    expect(reconfigure(storedVm({}), after).violations).toMatchObject([{ field, reason }]);
  });

  test("a VM on a node that does not answer", () => {
    const { changes, violations } = reconfigure(
      storedVm({}),
      { cpus: 4 },
      { inventory: inventory(intel({ name: "pve9" })) },
    );
    expect(changes).toEqual([]);
    expect(violations).toEqual([
      {
        field: "spec.placement.host",
        reason: "NODE_OFFLINE",
        description: "node pve1, which has VM vm-1, does not answer; start it and call again",
      },
    ]);
  });
});

test("an adopted VM keeps what nobody asked for", () => {
  const { vm } = storedVm(
    {},
    {
      changed: {
        cpuunits: 300,
        cpulimit: "2",
        balloon: 1024,
        tpmstate0: "local:v,size=4M",
        cpu: "host",
        description: "mine",
      },
    },
  );
  const { changes, parameters } = reconfigure({ vm, planned: storedVm({}).planned }, {});
  expect(changes).toEqual([]);
  expect(parameters).toEqual({
    description: expect.stringMatching(/^mine\n\n<!-- virtrigaud.io\/owner /),
    tags: `vrtg-${uid}`,
    digest: "9db7d9f0ac3a2f126096f2e1587989e5a397951e",
  });
});

test("provisioning is the storage's", () => {
  const disk = (storageClass: string, provisioning: DiskProvisioning) =>
    storedVm({ disks: [{ name: "a", sizeBytes: gib, storageClass, provisioning }] }).vm;
  const read = (vm: StoredVm["vm"]) =>
    observe(vm, { inventory: inventory(), settings, simulated: false }, View.FULL).spec?.disks[0]
      ?.provisioning;
  expect(read(disk("local-lvm", DiskProvisioning.THIN))).toBe(DiskProvisioning.THIN);
  expect(read(disk("local-lvm", DiskProvisioning.THICK))).toBe(DiskProvisioning.THIN);
  expect(read(disk("thick", DiskProvisioning.THIN))).toBe(DiskProvisioning.THICK);
  expect(read(disk("fast-ssd", DiskProvisioning.THIN))).toBe(DiskProvisioning.UNSPECIFIED);
});
