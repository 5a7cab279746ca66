import {
  type Disk,
  DiskController,
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  type NetworkInterface,
  type Violation,
  VMSpec,
} from "@virtrigaud/proto";

const MiB = 1024 ** 2;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const mac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

/** Field, whether it is right, and what would be right. */
type Rule = readonly [field: string, right: boolean, description: string];

/** What is wrong with a uid. */
export function uidViolations(uid: string): Violation[] {
  return check([["uid", uuid.test(uid), "must be an RFC 4122 UUID in lower case"]]);
}

/** Everything that is wrong with a spec on its own. */
export function specViolations(spec: VMSpec | undefined): Violation[] {
  if (!spec) return check([["spec", false, "is required"]]);
  return [
    ...check(wholeRules(spec)),
    ...spec.disks.flatMap((disk, index) => check(diskRules(disk, index === 0 && spec.image !== undefined))),
    ...spec.networkInterfaces.flatMap((nic) => check(interfaceRules(nic))),
  ];
}

/** Violations of the rules that are not met. */
export function check(rules: readonly Rule[]): Violation[] {
  return rules
    .filter(([, right]) => !right)
    .map(([field, , description]) => ({ field, reason: "INVALID_VALUE", description }));
}

function wholeRules(spec: VMSpec): Rule[] {
  const cpu = spec.cpuAllocation;
  const memory = spec.memoryAllocation;
  const known = <T>(value: T, values: object) =>
    Object.values(values).includes(value) && value !== "UNRECOGNIZED";
  const policy = spec.nestedVirtualization?.policy ?? NestedPolicy.UNSPECIFIED;
  return [
    ["spec.name", spec.name.length >= 1 && spec.name.length <= 80, "must have 1 to 80 characters"],
    ["spec.cpus", spec.cpus >= 1 && spec.cpus <= 128, "must be 1 to 128"],
    ["spec.memory_bytes", wholeMiB(spec.memoryBytes), "must be a positive multiple of 1 MiB"],
    ["spec.firmware", known(spec.firmware, Firmware), "is not known to this provider"],
    ["spec.nested_virtualization.policy", known(policy, NestedPolicy), "is not known to this provider"],
    [
      "spec.latency_sensitivity",
      known(spec.latencySensitivity, LatencySensitivity),
      "is not known to this provider",
    ],
    [
      "spec.hyper_threading_policy",
      known(spec.hyperThreadingPolicy, HyperThreadingPolicy),
      "is not known to this provider",
    ],
    [
      "spec.cpu_allocation.reservation_mhz",
      (cpu?.reservationMhz ?? 0) <= (cpu?.limitMhz ?? Number.POSITIVE_INFINITY),
      "must not exceed limit_mhz",
    ],
    [
      "spec.memory_allocation.reservation_bytes",
      (memory?.reservationBytes ?? 0) <= (memory?.limitBytes ?? Number.POSITIVE_INFINITY),
      "must not exceed limit_bytes",
    ],
    ["spec.disks", spec.disks.length <= 21 && unique(spec.disks), "must be at most 21 with unique names"],
    [
      "spec.network_interfaces",
      spec.networkInterfaces.length <= 10 && unique(spec.networkInterfaces),
      "must be at most 10 with unique names",
    ],
    [
      "spec.extra_config",
      !Object.keys(spec.extraConfig).some((key) => key in VMSpec.fromPartial({})),
      "must not hold a key that another field of the spec stands for",
    ],
  ];
}

function diskRules(disk: Disk, fromImage: boolean): Rule[] {
  const at = `spec.disks[${disk.name}]`;
  return [
    [`${at}.name`, disk.name !== "", "is required"],
    [
      `${at}.size_bytes`,
      disk.sizeBytes === undefined ? fromImage : wholeMiB(disk.sizeBytes),
      "must be a positive multiple of 1 MiB",
    ],
    [`${at}.provisioning`, disk.provisioning !== DiskProvisioning.UNRECOGNIZED, "is not known"],
    [`${at}.controller`, disk.controller !== DiskController.UNRECOGNIZED, "is not known"],
  ];
}

function interfaceRules(nic: NetworkInterface): Rule[] {
  const at = `spec.network_interfaces[${nic.name}]`;
  const within = (value: number | undefined, low: number, high: number) =>
    value === undefined || (value >= low && value <= high);
  return [
    [`${at}.name`, nic.name !== "", "is required"],
    [
      `${at}.mac_address`,
      nic.macAddress === "" || mac.test(nic.macAddress),
      "must be like 52:54:00:12:34:56",
    ],
    [`${at}.mtu_bytes`, within(nic.mtuBytes, 68, 65535), "must be 68 to 65535"],
    [`${at}.vlan_id`, within(nic.vlanId, 1, 4094), "must be 1 to 4094"],
  ];
}

function wholeMiB(bytes: number): boolean {
  return bytes > 0 && bytes % MiB === 0;
}

function unique(items: readonly { name: string }[]): boolean {
  return new Set(items.map((item) => item.name)).size === items.length;
}
