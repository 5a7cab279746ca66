import { HyperThreadingPolicy, LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts, Reserved } from "./host-facts.ts";
import type { Problems } from "./problems.ts";

/** Refuses reservations that the host cannot keep beside those of its other VMs. KVM reserves nothing by itself. */
export function admit(spec: VMSpec, { name, node, reserved }: HostFacts, problems: Problems): void {
  const cpu = spec.cpuAllocation?.reservationMhz;
  const memory = spec.memoryAllocation?.reservationBytes;
  const totalMhz = node.cpus * node.coreMhz;
  if (cpu !== undefined && cpu + reserved.cpuMhz > totalMhz)
    problems.add(
      "spec.cpu_allocation.reservation_mhz",
      "CAPACITY",
      `cpuReservation ${cpu} MHz does not fit: host ${name} has ${totalMhz} MHz, of which ${reserved.cpuMhz} are promised to other VMs; lower it`,
    );
  if (memory !== undefined && memory + reserved.memoryBytes > node.memoryBytes)
    problems.add(
      "spec.memory_allocation.reservation_bytes",
      "CAPACITY",
      `memoryReservation ${memory} bytes does not fit: host ${name} has ${node.memoryBytes} bytes, of which ${reserved.memoryBytes} are promised to other VMs; lower it`,
    );
}

/** Whether a VM is to be promised CPU, memory or CPUs of its own. */
export const isPromised = ({
  cpuAllocation,
  memoryAllocation,
  latencySensitivity,
  hyperThreadingPolicy,
}: VMSpec): boolean =>
  cpuAllocation?.reservationMhz !== undefined ||
  memoryAllocation?.reservationBytes !== undefined ||
  latencySensitivity === LatencySensitivity.HIGH ||
  hyperThreadingPolicy === HyperThreadingPolicy.REQUIRE;

/** What VMs of these effective specs were promised. */
export function reservedBy(specs: readonly VMSpec[]): Reserved {
  return {
    cpuMhz: specs.reduce((sum, { cpuAllocation }) => sum + (cpuAllocation?.reservationMhz ?? 0), 0),
    memoryBytes: specs.reduce(
      (sum, { memoryAllocation }) => sum + (memoryAllocation?.reservationBytes ?? 0),
      0,
    ),
  };
}
