import type { VMSpec } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { decodeHotplug, encodeHotplug } from "./language/hotplug.ts";
import type { Problems } from "./problems.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** How many times its first number of CPUs a VM can be grown to while it runs, where the node has them. */
const headroom = 4;

/** CPUs, and what can be added while the VM runs. Takes the effective spec. */
export const compute = (spec: VMSpec, node: Node, existing: VmConfig, problems: Problems): Parameters => ({
  ...cores(spec, node, problems),
  ...hotplug(spec, existing),
});

/** Proxmox VE starts no VM with more CPUs than its node has threads. */
function cores({ cpus, cpuHotAdd }: VMSpec, { name, threads }: Node, problems: Problems): Parameters {
  if (threads !== undefined && cpus > threads)
    problems.add(
      "spec.cpus",
      "CAPACITY",
      `node ${name} has ${threads} hardware threads, and no VM there more CPUs than that: not ${cpus}`,
    );
  if (!cpuHotAdd) return { sockets: 1, cores: cpus };
  if (threads === undefined)
    problems.add(
      "spec.cpu_hot_add",
      "HYPERVISOR_PERMISSION",
      `node ${name} does not tell how many CPUs a VM could grow to; give the provider's token Sys.Audit on /nodes/${name}, or set cpuHotAddEnabled: false`,
    );
  const most = Math.max(cpus, Math.min(cpus * headroom, threads ?? 0));
  return { sockets: 1, cores: most, vcpus: cpus };
}

/** The template's own, or Proxmox VE's, but for CPU and memory where either was asked for. */
function hotplug({ cpuHotAdd, memoryHotAdd }: VMSpec, existing: VmConfig): Parameters {
  if (cpuHotAdd === undefined && memoryHotAdd === undefined) return {};
  const features = decodeHotplug(optionOf(existing, "hotplug"));
  for (const [feature, wanted] of [["cpu", cpuHotAdd] as const, ["memory", memoryHotAdd] as const]) {
    if (wanted) features.add(feature);
    else if (wanted === false) features.delete(feature);
  }
  return { hotplug: encodeHotplug(features) };
}
