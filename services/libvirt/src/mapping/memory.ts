import { LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import type { Problems } from "./problems.ts";
import { headroom } from "./vcpu.ts";
import { el, type Element } from "./xml.ts";

const kib = 1024;
/** The size of page that every x86_64 kernel can set aside at run time. */
const hugePageKib = 2048;
/** DIMM slots of a VM that memory can be added to. */
const slots = 16;

export const memoryKib = ({ memoryBytes }: VMSpec): number => memoryBytes / kib;

/** The memory that a VM can ever have without a restart; undefined where none can be added. */
export const maxMemoryKib = (spec: VMSpec): number | undefined =>
  spec.memoryHotAdd ? memoryKib(spec) * headroom : undefined;

/** The amount of memory, its bound on the host and what backs it. `memory` is never ballooned below its size. */
export function memory(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  const most = maxMemoryKib(spec);
  const limit = spec.memoryAllocation?.limitBytes;
  return [
    ...(most === undefined ? [] : [el("maxMemory", { slots, unit: "KiB" }, most)]),
    el("memory", { unit: "KiB" }, memoryKib(spec)),
    el("currentMemory", { unit: "KiB" }, memoryKib(spec)),
    ...(limit === undefined
      ? []
      : [el("memtune", {}, [el("hard_limit", { unit: "KiB" }, Math.floor(limit / kib))])]),
    ...backing(spec, host, problems),
  ];
}

function backing(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  if (spec.latencySensitivity !== LatencySensitivity.HIGH) return [];
  checkHugePages(spec, host, problems);
  const page = el("page", { size: hugePageKib, unit: "KiB" });
  return [el("memoryBacking", {}, [el("hugepages", {}, [page]), el("nosharepages"), el("locked")])];
}

function checkHugePages(spec: VMSpec, { name, host }: HostFacts, problems: Problems): void {
  const needed = Math.ceil(memoryKib(spec) / hugePageKib);
  const present = host.cells.reduce((sum, { pages }) => sum + (pages.get(hugePageKib) ?? 0), 0);
  if (present >= needed) return;
  problems.add(
    "spec.latency_sensitivity",
    "CAPACITY",
    `latencySensitivity high needs ${needed} huge pages of 2 MiB, host ${name} has ${present}; set them aside there (sysctl vm.nr_hugepages=${needed}), or use latencySensitivity normal`,
  );
}
