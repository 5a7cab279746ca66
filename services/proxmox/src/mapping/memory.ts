import type { VMSpec } from "@virtrigaud/proto";
import { encodeMemory } from "./language/memory.ts";
import type { Problems } from "./problems.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

const mib = 2 ** 20;

/** The amount of memory, what the balloon leaves the guest at least, and the NUMA node that added memory needs. */
export function memory(spec: VMSpec, existing: VmConfig, problems: Problems): Parameters {
  const option = problems.written("spec.memory_bytes", () => encodeMemory(spec.memoryBytes));
  if (spec.memoryHotAdd) checkHotAddable(spec, problems);
  checkLimit(spec, problems);
  return {
    ...(option === undefined ? {} : { memory: option }),
    ...balloon(spec, existing, problems),
    ...(spec.memoryHotAdd ? { numa: 1 } : {}),
  };
}

function balloon(spec: VMSpec, existing: VmConfig, problems: Problems): Parameters {
  const reservation = spec.memoryAllocation?.reservationBytes;
  if (reservation === undefined) {
    // A template's minimum may be more than this VM has; 0, no balloon at all, never is.
    const inherited = Number(optionOf(existing, "balloon") ?? 0);
    return inherited * mib > spec.memoryBytes ? { balloon: spec.memoryBytes / mib } : {};
  }
  if (reservation > spec.memoryBytes)
    problems.add(
      "spec.memory_allocation.reservation_bytes",
      "CONFLICTING_OPTIONS",
      `memoryReservation ${reservation} bytes is more than the VM's memory, ${spec.memoryBytes}; lower it`,
    );
  // 0 would switch the balloon off, which reserves everything.
  return { balloon: Math.max(1, Math.ceil(reservation / mib)) };
}

/** QEMU takes what it takes: Proxmox VE bounds a VM's memory by its size and by nothing else. */
function checkLimit({ memoryAllocation, memoryBytes }: VMSpec, problems: Problems): void {
  const limit = memoryAllocation?.limitBytes;
  if (limit === undefined || limit >= memoryBytes) return;
  problems.add(
    "spec.memory_allocation.limit_bytes",
    "MEMORY_LIMIT_UNSUPPORTED",
    `Proxmox VE cannot hold a VM below its own size: memoryLimit ${limit} bytes is less than memory ${memoryBytes}; lower memory instead`,
  );
}

/** Memory that can be added to comes as 1 GiB and modules of 512 MiB, 32 of each size before the size doubles. */
function checkHotAddable({ memoryBytes }: VMSpec, problems: Problems): void {
  const wanted = memoryBytes / mib;
  const field = "spec.memory_hot_add";
  if (wanted < 1024) {
    problems.add(field, "CONFLICTING_OPTIONS", "memoryHotAddEnabled needs 1Gi of memory at the least");
    return;
  }
  let [size, reached] = [512, 1024];
  while (reached + 32 * size < wanted) {
    reached += 32 * size;
    size *= 2;
  }
  if ((wanted - reached) % size === 0) return;
  problems.add(
    field,
    "CONFLICTING_OPTIONS",
    `memoryHotAddEnabled needs memory in steps of ${size} MiB at this size, not ${wanted} MiB; round memory, or set memoryHotAddEnabled: false`,
  );
}
