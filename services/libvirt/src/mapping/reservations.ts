import { type Implied, needsFullReservations } from "@virtrigaud/kit/outcomes";
import { Feature, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import type { Problems } from "./problems.ts";

/**
 * latencySensitivity high has the VM's CPUs and memory to itself: both reservations are implied where nothing is asked for, and
 * smaller ones are refused. A full CPU reservation is every CPU at the host's speed.
 */
export function withFullReservations(
  spec: VMSpec,
  { node }: HostFacts,
  problems: Problems,
): { spec: VMSpec; implied: Implied[] } {
  if (!needsFullReservations(spec)) return { spec, implied: [] };
  const fullMhz = spec.cpus * node.coreMhz;
  const { cpuAllocation: cpu, memoryAllocation: memory, memoryBytes } = spec;
  refuseLess(
    problems,
    "cpu_allocation.reservation_mhz",
    "cpuReservation",
    cpu?.reservationMhz,
    fullMhz,
    "MHz",
  );
  refuseLess(problems, "cpu_allocation.limit_mhz", "cpuLimit", cpu?.limitMhz, fullMhz, "MHz");
  const reservation = memory?.reservationBytes;
  refuseLess(
    problems,
    "memory_allocation.reservation_bytes",
    "memoryReservation",
    reservation,
    memoryBytes,
    "bytes",
  );
  refuseLess(
    problems,
    "memory_allocation.limit_bytes",
    "memoryLimit",
    memory?.limitBytes,
    memoryBytes,
    "bytes",
  );

  const reason = "needed by latencySensitivity: high";
  const implied: Implied[] = [];
  const effective = { ...spec };
  if (cpu?.reservationMhz === undefined) {
    effective.cpuAllocation = { ...cpu, reservationMhz: fullMhz };
    implied.push({ feature: Feature.CPU_RESERVATION, reason });
  }
  if (memory?.reservationBytes === undefined) {
    effective.memoryAllocation = { ...memory, reservationBytes: memoryBytes };
    implied.push({ feature: Feature.MEMORY_RESERVATION, reason });
  }
  return { spec: effective, implied };
}

function refuseLess(
  problems: Problems,
  path: string,
  knob: string,
  asked: number | undefined,
  full: number,
  unit: string,
): void {
  if (asked === undefined || asked >= full) return;
  problems.add(
    `spec.${path}`,
    "CONFLICTING_OPTIONS",
    `latencySensitivity: high needs full reservations (${full} ${unit}), but ${knob} is ${asked} ${unit}; raise it or leave it out`,
  );
}
