import type { VMSpec } from "@virtrigaud/proto";
import type { Node, Reserved } from "./inventory.ts";
import type { Problems } from "./problems.ts";

/**
 * Refuses what the node cannot keep: memory that it does not have at all, and reservations beside those of its other VMs. Proxmox VE
 * reserves nothing by itself.
 */
export function admit(
  spec: VMSpec,
  { name, threads, coreMhz, memoryBytes, reserved }: Node,
  problems: Problems,
): void {
  const cpu = spec.cpuAllocation?.reservationMhz;
  const memory = spec.memoryAllocation?.reservationBytes;
  if (memoryBytes !== undefined && spec.memoryBytes > memoryBytes)
    problems.add(
      "spec.memory_bytes",
      "CAPACITY",
      `node ${name} has ${memoryBytes} bytes of memory, the VM shall have ${spec.memoryBytes}; lower memory`,
    );
  const totalMhz = Math.round((threads ?? 0) * (coreMhz ?? 0));
  if (cpu !== undefined && totalMhz === 0)
    problems.add(
      "spec.cpu_allocation.reservation_mhz",
      "CPU_SPEED_UNKNOWN",
      `node ${name} does not tell its CPUs' speed; give the provider's token Sys.Audit on /nodes/${name}, or leave cpuReservation out`,
    );
  else if (cpu !== undefined && cpu + reserved.cpuMhz > totalMhz)
    problems.add(
      "spec.cpu_allocation.reservation_mhz",
      "CAPACITY",
      `cpuReservation ${cpu} MHz does not fit: node ${name} has ${totalMhz} MHz, of which ${reserved.cpuMhz} are promised to other VMs; lower it`,
    );
  if (memory !== undefined && memoryBytes !== undefined && memory + reserved.memoryBytes > memoryBytes)
    problems.add(
      "spec.memory_allocation.reservation_bytes",
      "CAPACITY",
      `memoryReservation ${memory} bytes does not fit: node ${name} has ${memoryBytes} bytes, of which ${reserved.memoryBytes} are promised to other VMs; lower it`,
    );
}

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
