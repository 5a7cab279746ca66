import { all, type Element } from "../mapping/xml.ts";

/** Host CPUs that a domain's virtual CPUs are pinned to. QEMU's own threads are pinned to what others leave free. */
export const pinnedCpus = (domain: Element): number[] => [
  ...new Set(all(domain, "cputune", "vcpupin").flatMap(({ attributes }) => cpuSet(attributes.cpuset ?? ""))),
];

/** libvirt's notation of CPUs: "0-3,^2,8". */
export function cpuSet(text: string): number[] {
  const cpus = new Set<number>();
  for (const part of text.split(",")) {
    const [, excluded, from, to = from] = /^(\^?)(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    for (let cpu = Number(from); cpu <= Number(to); cpu++) {
      if (excluded === "") cpus.add(cpu);
      else cpus.delete(cpu);
    }
  }
  return [...cpus];
}
