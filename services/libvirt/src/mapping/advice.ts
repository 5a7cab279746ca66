import { type Advice, Feature, Firmware, LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { needsNesting } from "./nesting.ts";

const gib = 1024 ** 3;

type Item = readonly [applies: boolean, feature: Feature, message: string];

/** What experience advises against. Never a refusal. Takes the effective spec. */
export const advice = (spec: VMSpec, host: HostFacts): Advice[] =>
  [
    ...(needsNesting(spec) ? nested(spec, host) : []),
    ...(host.privileged ? [] : session(spec)),
    ...limits(spec),
  ]
    .filter(([applies]) => applies)
    .map(([, feature, message]) => ({ feature, message }));

const nested = (spec: VMSpec, { accel }: HostFacts): Item[] => [
  [
    accel === "tcg",
    Feature.NESTED_VIRTUALIZATION,
    "this host runs VMs by emulation (accel tcg): inner VMs work, about ten times slower or worse",
  ],
  [spec.cpus < 4, Feature.CPU, `${spec.cpus} CPUs are few for a VM that hosts VMs; give it 4 or more`],
  [
    spec.memoryBytes < 8 * gib,
    Feature.MEMORY,
    "less than 8 GiB is little for a VM that hosts VMs; give it 8Gi or more",
  ],
  [spec.firmware !== Firmware.UEFI, Feature.FIRMWARE_BIOS, "prefer firmware: UEFI for a VM that hosts VMs"],
  [
    spec.secureBoot === true,
    Feature.SECURE_BOOT,
    "secure boot keeps some hypervisors in the guest from loading; leave it off unless they are signed",
  ],
  [
    spec.virtualizationBasedSecurity === true,
    Feature.VIRTUALIZATION_BASED_SECURITY,
    "VBS occupies the virtualization extensions; other hypervisors in the guest may not start. Windows with Hyper-V may need kvm.ignore_msrs=Y on the host",
  ],
  [
    spec.memoryAllocation?.reservationBytes === undefined,
    Feature.MEMORY_RESERVATION,
    "without memoryReservation the inner VMs stall when the host swaps; reserve at least half of the memory",
  ],
  [spec.iommu !== true, Feature.IOMMU, "without vtdEnabled the guest cannot pass devices on to its VMs"],
];

/** An unprivileged libvirt defines all of these and starts none. */
function session({ cpuAllocation: cpu, memoryAllocation, latencySensitivity }: VMSpec): Item[] {
  const text =
    "this libvirt runs unprivileged (qemu:///session) and may refuse to start a VM with it; use qemu:///system";
  const weighs = (cpu?.shares ?? cpu?.limitMhz ?? cpu?.reservationMhz) !== undefined;
  const isTuned = [LatencySensitivity.LOW, LatencySensitivity.HIGH].includes(latencySensitivity);
  return [
    [weighs, Feature.CPU_SHARES, `CPU weight or limit: ${text}`],
    [isTuned, Feature.LATENCY_SENSITIVITY, `latencySensitivity: ${text}`],
    [memoryAllocation?.limitBytes !== undefined, Feature.MEMORY_LIMIT, `memoryLimit: ${text}`],
  ];
}

const limits = ({ memoryAllocation, memoryBytes }: VMSpec): Item[] => [
  [
    (memoryAllocation?.limitBytes ?? Number.POSITIVE_INFINITY) < memoryBytes,
    Feature.MEMORY_LIMIT,
    "memoryLimit is below the VM's memory: the host swaps or kills the VM when the guest uses all of it",
  ],
];
