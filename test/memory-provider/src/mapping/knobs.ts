import {
  type Disk,
  DiskController,
  DiskProvisioning,
  Feature,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  type NetworkInterface,
  type VMSpec,
} from "@virtrigaud/proto";

/** One knob that a spec turns. */
export interface Knob {
  readonly feature: Feature;
  /** Name of the disk or interface; empty for the VM as a whole. */
  readonly subject: string;
  /** Path of the field in the spec, in the contract's spelling. */
  readonly field: string;
  /** The value in the hypervisor's own form. */
  readonly value: string;
}

type Reader<T> = readonly [Feature, string, (from: T) => unknown];

/** A value that means "not asked for" is left out; false is a value except where the contract says otherwise. */
const asked = <T>(value: T, unset: T) => (value === unset ? undefined : value);
const onlyTrue = (value: boolean | undefined) => value || undefined;

const whole: readonly Reader<VMSpec>[] = [
  [Feature.CPU, "cpus", (spec) => spec.cpus],
  [Feature.MEMORY, "memory_bytes", (spec) => spec.memoryBytes],
  [Feature.FIRMWARE_BIOS, "firmware", (spec) => (spec.firmware === Firmware.BIOS ? "bios" : undefined)],
  [Feature.FIRMWARE_UEFI, "firmware", (spec) => (spec.firmware === Firmware.UEFI ? "uefi" : undefined)],
  [Feature.NESTED_VIRTUALIZATION, "nested_virtualization.policy", nested],
  [
    Feature.VIRTUALIZATION_BASED_SECURITY,
    "virtualization_based_security",
    (spec) => spec.virtualizationBasedSecurity,
  ],
  [Feature.CPU_HOT_ADD, "cpu_hot_add", (spec) => spec.cpuHotAdd],
  [Feature.MEMORY_HOT_ADD, "memory_hot_add", (spec) => spec.memoryHotAdd],
  [
    Feature.LATENCY_SENSITIVITY,
    "latency_sensitivity",
    (spec) => asked(spec.latencySensitivity, LatencySensitivity.UNSPECIFIED),
  ],
  [
    Feature.HYPER_THREADING_POLICY,
    "hyper_threading_policy",
    (spec) => asked(spec.hyperThreadingPolicy, HyperThreadingPolicy.UNSPECIFIED),
  ],
  [Feature.SECURE_BOOT, "secure_boot", (spec) => onlyTrue(spec.secureBoot)],
  [Feature.TPM, "tpm", (spec) => spec.tpm],
  [Feature.IOMMU, "iommu", (spec) => onlyTrue(spec.iommu)],
  [Feature.CPU_RESERVATION, "cpu_allocation.reservation_mhz", (spec) => spec.cpuAllocation?.reservationMhz],
  [Feature.CPU_LIMIT, "cpu_allocation.limit_mhz", (spec) => spec.cpuAllocation?.limitMhz],
  [Feature.CPU_SHARES, "cpu_allocation.shares", (spec) => spec.cpuAllocation?.shares],
  [
    Feature.MEMORY_RESERVATION,
    "memory_allocation.reservation_bytes",
    (spec) => spec.memoryAllocation?.reservationBytes,
  ],
  [Feature.MEMORY_LIMIT, "memory_allocation.limit_bytes", (spec) => spec.memoryAllocation?.limitBytes],
  [Feature.IMAGE, "image", (spec) => spec.image],
  [Feature.CLOUD_INIT, "cloud_init", (spec) => spec.cloudInit && "(redacted)"],
  [Feature.PLACEMENT, "placement", (spec) => spec.placement],
  [Feature.TAGS, "tags", (spec) => (spec.tags.length > 0 ? [...spec.tags].sort() : undefined)],
  [
    Feature.EXTRA_CONFIG,
    "extra_config",
    ({ extraConfig }) => (Object.keys(extraConfig).length > 0 ? extraConfig : undefined),
  ],
];

const ofDisk: readonly Reader<Disk>[] = [
  [Feature.DISK_SIZE, "size_bytes", (disk) => disk.sizeBytes],
  [
    Feature.DISK_PROVISIONING,
    "provisioning",
    (disk) => asked(disk.provisioning, DiskProvisioning.UNSPECIFIED),
  ],
  [Feature.STORAGE_CLASS, "storage_class", (disk) => asked(disk.storageClass, "")],
  [Feature.DISK_CONTROLLER, "controller", (disk) => asked(disk.controller, DiskController.UNSPECIFIED)],
  [Feature.DISK_IOPS_LIMIT, "iops_limit", (disk) => disk.iopsLimit],
];

const ofInterface: readonly Reader<NetworkInterface>[] = [
  [Feature.NETWORK_INTERFACE, "", (nic) => nic.vsphere ?? nic.libvirt ?? nic.proxmox ?? "default"],
  [Feature.MAC_ADDRESS, "mac_address", (nic) => asked(nic.macAddress, "")],
  [Feature.MTU, "mtu_bytes", (nic) => nic.mtuBytes],
  [Feature.VLAN, "vlan_id", (nic) => nic.vlanId],
  [Feature.STATIC_ADDRESS, "static_address", (nic) => nic.staticAddress],
  [Feature.SRIOV, "sriov_device", (nic) => asked(nic.sriovDevice, "")],
];

/** Every knob that the spec turns, in a fixed order: what is unset is not in it. */
export function knobs(spec: VMSpec): Knob[] {
  return [
    ...read(whole, spec, "", ""),
    ...spec.disks.flatMap((disk) => read(ofDisk, disk, disk.name, `disks[${disk.name}]`)),
    ...spec.networkInterfaces.flatMap((nic) =>
      read(ofInterface, nic, nic.name, `network_interfaces[${nic.name}]`),
    ),
  ];
}

/** Identity of a knob within a spec. */
export function knobKey({ feature, subject }: { feature: Feature; subject: string }): string {
  return `${feature}/${subject}`;
}

/** A knob whose value differs; undefined is absent. */
export interface KnobDifference {
  readonly feature: Feature;
  readonly subject: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** How two specs differ, knob by knob. */
export function differences(before: VMSpec, after: VMSpec): KnobDifference[] {
  const old = new Map(knobs(before).map((knob) => [knobKey(knob), knob]));
  const list: KnobDifference[] = [];
  for (const { feature, subject, value } of knobs(after)) {
    const key = knobKey({ feature, subject });
    const previous = old.get(key)?.value;
    old.delete(key);
    if (previous !== value) list.push({ feature, subject, before: previous, after: value });
  }
  for (const { feature, subject, value } of old.values()) {
    list.push({ feature, subject, before: value, after: undefined });
  }
  return list;
}

function nested({ nestedVirtualization }: VMSpec): unknown {
  const policy = nestedVirtualization?.policy ?? NestedPolicy.UNSPECIFIED;
  return policy === NestedPolicy.UNSPECIFIED ? undefined : policy === NestedPolicy.REQUIRED;
}

function read<T>(readers: readonly Reader<T>[], from: T, subject: string, path: string): Knob[] {
  return readers.flatMap(([feature, name, value]) => {
    const found = value(from);
    const field = [path, name].filter(Boolean).join(".");
    return found === undefined ? [] : [{ feature, subject, field, value: text(found) }];
  });
}

function text(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
