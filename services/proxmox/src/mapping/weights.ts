import { LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import type { Problems } from "./problems.ts";
import type { Parameters } from "./vm-config.ts";

/** CPU weight and bound; nothing where the spec asks for none of it. Takes the effective spec. */
export const weights = (spec: VMSpec, node: Node, problems: Problems): Parameters => ({
  ...cpuUnits(spec, node, problems),
  ...cpuLimit(spec, node, problems),
});

/** The weight that a VM has without any, by version of the control groups; it decides what "half" is. */
const ordinary = ({ cgroups }: Node): number => (cgroups === 2 ? 100 : 1024);

/** Weights that Proxmox VE keeps as they are; larger ones it cuts without a word. */
const range = ({ cgroups }: Node): [number, number] => (cgroups === 2 ? [1, 10_000] : [2, 262_144]);

function cpuUnits(spec: VMSpec, node: Node, problems: Problems): Parameters {
  const asked = spec.cpuAllocation?.shares;
  if (asked === undefined) return impliedUnits(spec, node);
  const [least, most] = range(node);
  if (asked < least || asked > most)
    problems.add(
      "spec.cpu_allocation.shares",
      "CPU_SHARES_RANGE",
      `node ${node.name} takes CPU weights from ${least} to ${most}, not ${asked}`,
    );
  return { cpuunits: asked };
}

/**
 * latencySensitivity low halves the ordinary weight. A reservation raises it: 1,000 MHz for each CPU doubles it, counted without the node's
 * own speed, which varies from one look to the next.
 */
function impliedUnits(spec: VMSpec, node: Node): Parameters {
  const { latencySensitivity: latency, cpus } = spec;
  const reservation = spec.cpuAllocation?.reservationMhz;
  if (latency !== LatencySensitivity.LOW && reservation === undefined) return {};
  const level = ordinary(node) / (latency === LatencySensitivity.LOW ? 2 : 1);
  const raised = Math.round(level * (1 + (reservation ?? 0) / (1_000 * cpus)));
  return { cpuunits: Math.min(raised, range(node)[1]) };
}

/** The kernel bounds in steps of 1 ms of every 100. */
const step = 0.01;
const mostCores = 128;

/** `cpulimit` counts in whole CPUs of the node, over all CPUs of the VM together. 0 would be no bound at all. */
function cpuLimit(spec: VMSpec, { name, coreMhz }: Node, problems: Problems): Parameters {
  const limit = spec.cpuAllocation?.limitMhz;
  if (limit === undefined) return {};
  const field = "spec.cpu_allocation.limit_mhz";
  if (coreMhz === undefined || coreMhz === 0) {
    const remedy = `give the provider's token Sys.Audit on /nodes/${name}, or leave cpuLimit out`;
    problems.add(field, "CPU_SPEED_UNKNOWN", `node ${name} does not tell its CPUs' speed; ${remedy}`);
    return {};
  }
  const cores = Math.round(limit / coreMhz / step) * step;
  if (cores < step || cores > mostCores) {
    const [least, most] = [Math.ceil(step * coreMhz), mostCores * coreMhz];
    problems.add(
      field,
      "CPU_LIMIT_RANGE",
      `node ${name} can bound from ${least} to ${most} MHz, not to ${limit}`,
    );
    return {};
  }
  return { cpulimit: Number(cores.toFixed(2)) };
}
