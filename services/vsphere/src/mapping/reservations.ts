import { type Implied, needsFullReservations } from "@virtrigaud/kit/outcomes";
import { Feature, type VMSpec } from "@virtrigaud/proto";
import type { Host } from "./inventory.ts";
import type { Problems } from "./problems.ts";

/**
 * latencySensitivity high acts only with all CPU and memory reserved: both are implied where nothing is asked for, and a smaller
 * reservation or memory hot-add is refused. A full CPU reservation is every virtual CPU at the speed of a core of `host`, which the placement
 * has chosen for that; without one nothing is said about CPU.
 */
export function withFullReservations(
  spec: VMSpec,
  host: Host | undefined,
  problems: Problems,
): { spec: VMSpec; implied: Implied[] } {
  if (!needsFullReservations(spec)) return { spec, implied: [] };
  if (spec.memoryHotAdd)
    contradiction(problems, "spec.memory_hot_add", "a fixed memory size, but memoryHotAddEnabled is true");
  const fullMhz = host && spec.cpus * host.coreMhz;
  refuseLess(spec, fullMhz, problems);

  const cpu = spec.cpuAllocation?.reservationMhz;
  const memory = spec.memoryAllocation?.reservationBytes;
  const reason = "needed by latencySensitivity: high";
  const implied: Implied[] = [];
  const effective = { ...spec };
  if (cpu === undefined && fullMhz !== undefined) {
    effective.cpuAllocation = { ...spec.cpuAllocation, reservationMhz: fullMhz };
    implied.push({ feature: Feature.CPU_RESERVATION, reason });
  }
  if (memory === undefined) {
    effective.memoryAllocation = { ...spec.memoryAllocation, reservationBytes: spec.memoryBytes };
    implied.push({ feature: Feature.MEMORY_RESERVATION, reason });
  }
  return { spec: effective, implied };
}

/** Refuses reservations and limits below all of the CPU or memory. */
function refuseLess(spec: VMSpec, fullMhz: number | undefined, problems: Problems): void {
  const { memoryBytes, cpuAllocation: cpu, memoryAllocation: memory } = spec;
  const bounds: [string, string, number | undefined, number | undefined, string][] = [
    ["cpu_allocation.reservation_mhz", "cpuReservation", cpu?.reservationMhz, fullMhz, "MHz"],
    ["cpu_allocation.limit_mhz", "cpuLimit", cpu?.limitMhz, fullMhz, "MHz"],
    [
      "memory_allocation.reservation_bytes",
      "memoryReservation",
      memory?.reservationBytes,
      memoryBytes,
      "bytes",
    ],
    ["memory_allocation.limit_bytes", "memoryLimit", memory?.limitBytes, memoryBytes, "bytes"],
  ];
  for (const [field, knob, asked, full, unit] of bounds) {
    if (asked === undefined || full === undefined || asked >= full) continue;
    contradiction(
      problems,
      `spec.${field}`,
      `full reservations (${full} ${unit}), but ${knob} is ${asked} ${unit}`,
    );
  }
}

function contradiction(problems: Problems, field: string, what: string): void {
  const text = `latencySensitivity: high needs ${what}; change or leave out one of the two`;
  problems.add(field, "CONFLICTING_OPTIONS", text);
}
