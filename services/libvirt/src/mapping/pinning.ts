import { HyperThreadingPolicy, LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

const needsDedicated = (spec: VMSpec): boolean => spec.latencySensitivity === LatencySensitivity.HIGH;
const needsSiblings = (spec: VMSpec): boolean => spec.hyperThreadingPolicy === HyperThreadingPolicy.REQUIRE;

/**
 * Which host CPU each of the guest's runs on: with latencySensitivity high one that no other VM of ours is pinned to, QEMU's own
 * threads elsewhere; with hyperThreadingPolicy require the siblings of a core for each pair. All from one NUMA node where one has enough.
 */
export function pinning(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  if (!needsDedicated(spec) && !needsSiblings(spec)) return [];
  // Without siblings the topology is refused already, in better words.
  if (needsSiblings(spec) && host.node.threadsPerCore < 2) return [];
  const chosen = choose(spec, host);
  const rest = host.host.cells
    .flatMap(({ cores }) => cores.flat())
    .filter((cpu) => !chosen.includes(cpu) && !host.pinnedCpus.has(cpu));
  if (chosen.length < spec.cpus || (needsDedicated(spec) && rest.length === 0)) {
    problems.add(...tooFew(spec, host, chosen.length));
    return [];
  }
  const pins = chosen.map((cpuset, vcpu) => el("vcpupin", { vcpu, cpuset }));
  return needsDedicated(spec)
    ? [...pins, el("emulatorpin", { cpuset: rest.sort((a, b) => a - b).join(",") })]
    : pins;
}

function choose(spec: VMSpec, { host, pinnedCpus }: HostFacts): number[] {
  const perCell = host.cells.map(({ cores }) => {
    const free = cores.filter((threads) => !threads.some((cpu) => pinnedCpus.has(cpu)));
    if (needsSiblings(spec))
      return free.filter(({ length }) => length > 1).flatMap((threads) => threads.slice(0, 2));
    const apart = spec.hyperThreadingPolicy === HyperThreadingPolicy.AVOID;
    return free.flatMap((threads) => (apart ? threads.slice(0, 1) : threads));
  });
  const one = perCell.find(({ length }) => length >= spec.cpus);
  return (one ?? perCell.flat()).slice(0, spec.cpus);
}

function tooFew(spec: VMSpec, host: HostFacts, found: number): [string, string, string] {
  const [field, knob] = needsDedicated(spec)
    ? ["spec.latency_sensitivity", "latencySensitivity high"]
    : ["spec.hyper_threading_policy", "hyperThreadingPolicy require"];
  const what = needsDedicated(spec)
    ? `${spec.cpus} host CPUs for itself and one more for QEMU`
    : `${spec.cpus} host CPUs that are siblings in pairs`;
  return [
    field,
    "CAPACITY",
    `${knob} needs ${what}, host ${host.name} has ${host.node.cpus} CPUs, of which ${found} fit and are free; ask for fewer CPUs or leave the knob out`,
  ];
}
