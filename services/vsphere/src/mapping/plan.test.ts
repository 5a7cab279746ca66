import { describe, expect, test } from "@jest/globals";
import { NestedPolicy, Outcome, type VMSpec } from "@virtrigaud/proto";
import { about, inventory } from "../testing/sample-inventory.ts";
import { marker, type Part, spec, stamp, template, uid } from "../testing/sample-vm.ts";
import { completeExample, firstClass } from "../testing/seed-specs.ts";
import { type PlanInput, planVm } from "./plan.ts";

const plan = (asked: VMSpec, more: Partial<PlanInput> = {}) =>
  planVm({
    marker,
    spec: asked,
    about: about(),
    inventory: inventory(),
    settings: { defaults: {}, storageClasses: {} },
    templates: [],
    encode: (text) => `packed(${text})`,
    ...more,
  });

const image = { name: "ubuntu-22-04", vsphere: { templateName: "ubuntu" } };
const vhv = [
  { key: "vhv.enable", value: "TRUE" },
  { key: "vhv.allowNestedPageTables", value: "TRUE" },
];
const guestinfo = (name: string) => [
  { key: "guestinfo.userdata", value: `packed(#cloud-config\nhostname: ${name}\n)` },
  { key: "guestinfo.userdata.encoding", value: "gzip+base64" },
  { key: "guestinfo.metadata", value: `packed({"local-hostname":"${name}","instance-id":"${uid}"})` },
  { key: "guestinfo.metadata.encoding", value: "gzip+base64" },
];

/** Of the complete example, whatever it is made from. */
const completeConfig = {
  name: "nested-hypervisor",
  instanceUuid: uid,
  numCPUs: 8,
  memoryMB: 16_384,
  cpuHotAddEnabled: true,
  memoryHotAddEnabled: true,
  cpuAllocation: { reservation: 4000 },
  memoryAllocation: { reservation: 8192 },
  latencySensitivity: { level: "low" },
  nestedHVEnabled: true,
  firmware: "efi",
  flags: { htSharing: "any", vvtdEnabled: true },
};

describe("the configuration of a new VM", () => {
  test("of the seed's complete example, blank", () => {
    const { plan: made, violations, advice } = plan(completeExample());
    expect({ violations, advice: advice.map(({ feature }) => feature) }).toEqual({
      violations: [],
      advice: [],
    });
    expect(made?.clone).toBeUndefined();
    expect(made?.config).toEqual({
      ...completeConfig,
      guestId: "otherLinux64Guest",
      files: { vmPathName: "[fast-ssd]" },
      deviceChange: [
        {
          operation: "add",
          device: { $type: "ParaVirtualSCSIController", key: -100, busNumber: 0, sharedBus: "noSharing" },
        },
        {
          operation: "add",
          fileOperation: "create",
          device: {
            $type: "VirtualDisk",
            key: -200,
            controllerKey: -100,
            unitNumber: 0,
            backing: {
              $type: "VirtualDiskFlatVer2BackingInfo",
              fileName: "[fast-ssd]",
              datastore: { type: "Datastore", value: "datastore-1" },
              diskMode: "persistent",
              thinProvisioned: true,
            },
            capacityInKB: 200 * 1024 ** 2,
            capacityInBytes: 200 * 1024 ** 3,
          },
        },
      ],
      extraConfig: [...stamp, ...vhv, ...guestinfo("nested-hypervisor")],
    });
  });

  test("of the seed's first class: VBS brings what it needs, and a Windows guest", () => {
    const { plan: made, violations, applied } = plan(firstClass({ disks: [] }));
    expect(violations).toEqual([]);
    expect(made?.config).toEqual({
      name: "nested-vm",
      instanceUuid: uid,
      guestId: "windows9Server64Guest",
      files: { vmPathName: "[bulk]" },
      numCPUs: 4,
      memoryMB: 8192,
      cpuHotAddEnabled: true,
      memoryHotAddEnabled: true,
      nestedHVEnabled: true,
      firmware: "efi",
      bootOptions: { efiSecureBootEnabled: true },
      flags: { vvtdEnabled: true, vbsEnabled: true },
      extraConfig: [...stamp, ...vhv],
    });
    expect(applied.filter(({ outcome }) => outcome === Outcome.IMPLIED)).toEqual([
      {
        feature: "FEATURE_SECURE_BOOT",
        outcome: Outcome.IMPLIED,
        mechanism: "config.bootOptions.efiSecureBootEnabled",
        observedValue: "true",
        reason: "needed by virtualizationBasedSecurity",
        subject: "",
      },
    ]);
  });

  test("cloned from a template: the whole CloneSpec", () => {
    const { plan: made, violations, applied } = plan(completeExample({ image }), { templates: [template()] });
    expect(violations).toEqual([]);
    expect(made?.clone).toEqual({
      template: template(),
      spec: {
        location: {
          datastore: { type: "Datastore", value: "datastore-1" },
          pool: { type: "ResourcePool", value: "resgroup-1" },
          disk: [
            {
              diskId: 2000,
              datastore: { type: "Datastore", value: "datastore-1" },
              diskBackingInfo: {
                $type: "VirtualDiskFlatVer2BackingInfo",
                fileName: "",
                diskMode: "persistent",
                thinProvisioned: true,
              },
            },
          ],
        },
        template: false,
        powerOn: false,
        config: {
          ...completeConfig,
          extraConfig: [
            ...stamp,
            ...vhv,
            ...guestinfo("nested-hypervisor"),
            { key: "virtrigaud.image", value: "ubuntu (vm-9)" },
          ],
        },
      },
    });
    // The disk grows once it is the clone's own; the plan counts it in.
    expect(made?.config.deviceChange?.map(({ operation, device }) => [operation, device.key])).toEqual([
      ["edit", 2000],
    ]);
    expect(
      applied.map(({ feature, outcome, observedValue, subject }) => [
        feature,
        outcome,
        observedValue,
        subject,
      ]),
    ).toEqual([
      ["FEATURE_CPU", Outcome.APPLIED, "8", ""],
      ["FEATURE_MEMORY", Outcome.APPLIED, "16384 MB", ""],
      ["FEATURE_FIRMWARE_UEFI", Outcome.APPLIED, "efi", ""],
      ["FEATURE_CPU_HOT_ADD", Outcome.APPLIED, "true", ""],
      ["FEATURE_MEMORY_HOT_ADD", Outcome.APPLIED, "true", ""],
      ["FEATURE_NESTED_VIRTUALIZATION", Outcome.APPLIED, "true", ""],
      ["FEATURE_LATENCY_SENSITIVITY", Outcome.APPLIED, "low", ""],
      ["FEATURE_HYPER_THREADING_POLICY", Outcome.APPLIED, "any", ""],
      ["FEATURE_IOMMU", Outcome.APPLIED, "true", ""],
      ["FEATURE_CPU_RESERVATION", Outcome.APPLIED, "4000 MHz", ""],
      ["FEATURE_MEMORY_RESERVATION", Outcome.APPLIED, "8192 MB", ""],
      ["FEATURE_CLOUD_INIT", Outcome.APPLIED, "present", ""],
      ["FEATURE_DISK_SIZE", Outcome.APPLIED, String(200 * 1024 ** 3), "root"],
      ["FEATURE_DISK_PROVISIONING", Outcome.APPLIED, "thin=true eager=false", "root"],
      ["FEATURE_STORAGE_CLASS", Outcome.APPLIED, "fast-ssd", "root"],
      ["FEATURE_IMAGE", Outcome.APPLIED, "ubuntu (vm-9)", ""],
    ]);
  });
});

describe("unset differs from false", () => {
  test.each<[string, Part<VMSpec>, object]>([
    ["nothing asked", {}, {}],
    ["nested unspecified", { nestedVirtualization: { policy: NestedPolicy.UNSPECIFIED } }, {}],
    [
      "nested disabled",
      { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      { nestedHVEnabled: false, extraConfig: [...stamp, { key: "vhv.enable", value: "FALSE" }] },
    ],
    [
      "nested required",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { nestedHVEnabled: true, extraConfig: [...stamp, ...vhv] },
    ],
    [
      "hot-add off",
      { cpuHotAdd: false, memoryHotAdd: false },
      { cpuHotAddEnabled: false, memoryHotAddEnabled: false },
    ],
    [
      "security flags off: not asked for",
      { secureBoot: false, iommu: false, virtualizationBasedSecurity: false },
      {},
    ],
    ["a reservation of 0", { cpuAllocation: { reservationMhz: 0 } }, { cpuAllocation: { reservation: 0 } }],
    [
      "shares only",
      { cpuAllocation: { shares: 4000 } },
      { cpuAllocation: { shares: { shares: 4000, level: "custom" } } },
    ],
    [
      "a memory limit that is no whole number of MB is rounded down, a reservation up",
      { memoryAllocation: { limitBytes: 5 * 1024 ** 3 + 1, reservationBytes: 1024 ** 3 + 1 } },
      { memoryAllocation: { limit: 5120, reservation: 1025 } },
    ],
  ])("%s", (_, asked, config) => {
    const { plan: made, violations } = plan(spec(asked));
    expect(violations).toEqual([]);
    expect(made?.config).toEqual({
      name: "vm-1",
      instanceUuid: uid,
      guestId: "otherLinux64Guest",
      files: { vmPathName: "[bulk]" },
      numCPUs: 2,
      memoryMB: 4096,
      extraConfig: stamp,
      ...config,
    });
  });
});

describe("a plan that cannot be", () => {
  test("tells all violations at once, and what would be sent as far as it goes", () => {
    const asked = completeExample({
      image,
      name: "100%",
      memoryBytes: 1023 * 1024 ** 2,
      placement: { cluster: "nope" },
      extraConfig: { "vhv.enable": "FALSE", "guestinfo.userdata": "x", memSize: "1", "my.key": "1" },
    });
    const { plan: made, config, violations, applied } = plan(asked);
    expect(made).toBeUndefined();
    expect(config).toMatchObject({ name: "100%25", nestedHVEnabled: true });
    expect(violations.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      "spec.extra_config EXTRA_CONFIG_RESERVED",
      "spec.extra_config EXTRA_CONFIG_RESERVED",
      "spec.extra_config EXTRA_CONFIG_RESERVED",
      "spec.memory_bytes MEMORY_STEP",
      "spec.placement.cluster PLACEMENT_UNKNOWN",
      "spec.image TEMPLATE_NOT_FOUND",
    ]);
    const refused = applied.filter(({ outcome }) => outcome === Outcome.REFUSED);
    expect(refused.map(({ feature }) => feature)).toEqual([
      "FEATURE_EXTRA_CONFIG",
      "FEATURE_MEMORY",
      "FEATURE_PLACEMENT",
      "FEATURE_IMAGE",
    ]);
    expect(applied.filter(({ feature }) => feature === "FEATURE_MEMORY")).toHaveLength(1);
  });

  test.each<[string, Part<VMSpec>["image"], string, string]>([
    [
      "other hypervisors only",
      { name: "i", libvirt: { path: "/i.qcow2" } },
      "IMAGE_SOURCE_MISSING",
      "set VMImage.spec.source.vsphere.templateName",
    ],
    [
      "a url",
      { name: "i", url: { url: "https://example.com/i.ova" } },
      "IMAGE_IMPORT_UNSUPPORTED",
      "import it once",
    ],
    [
      "a content library item",
      { name: "i", vsphere: { contentLibraryItem: "l/i" } },
      "IMAGE_IMPORT_UNSUPPORTED",
      "import it once",
    ],
    ["a template that is not there", image, "TEMPLATE_NOT_FOUND", "no template or VM named ubuntu"],
  ])("from an image with %s", (_, from, reason, text) => {
    const { plan: made, violations } = plan(spec({ image: from as VMSpec["image"] & object }));
    expect(made).toBeUndefined();
    expect(violations).toEqual([{ field: "spec.image", reason, description: expect.stringContaining(text) }]);
  });
});

describe("a template", () => {
  const needing = (more: Part<VMSpec>) => spec({ image, ...more });
  test.each<[string, Part<VMSpec>, Parameters<typeof template>[0], [string, string][]]>([
    [
      "of hardware 8",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { version: "vmx-08" },
      [["spec.nested_virtualization", "HARDWARE_VERSION"]],
    ],
    ["of hardware 9", { nestedVirtualization: { policy: NestedPolicy.REQUIRED } }, { version: "vmx-09" }, []],
    [
      "of hardware 8, nested disabled",
      { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      { version: "vmx-08" },
      [],
    ],
    [
      "of hardware 12",
      { secureBoot: true },
      { version: "vmx-12" },
      [["spec.secure_boot", "HARDWARE_VERSION"]],
    ],
    [
      "of hardware 13, of Linux",
      { virtualizationBasedSecurity: true, tpm: {} },
      { version: "vmx-13" },
      [
        ["spec.virtualization_based_security", "HARDWARE_VERSION"],
        ["spec.tpm", "HARDWARE_VERSION"],
        ["spec.iommu", "HARDWARE_VERSION"],
        ["spec.virtualization_based_security", "GUEST_UNSUPPORTED"],
      ],
    ],
    ["of Windows", { virtualizationBasedSecurity: true }, { guestId: "windows2019srv_64Guest" }, []],
    [
      "with a device passed through",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      { hardware: { numCPU: 1, memoryMB: 1024, device: [{ $type: "VirtualPCIPassthrough", key: 13000 }] } },
      [["spec.nested_virtualization", "CONFLICTING_OPTIONS"]],
    ],
  ])("%s", (_, asked, config, expected) => {
    const { violations } = plan(needing(asked), { templates: [template(config)] });
    expect(violations.map(({ field, reason }) => [field, reason])).toEqual(expected);
  });
});
