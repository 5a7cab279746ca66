import { HyperThreadingPolicy, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import type { Problems } from "./problems.ts";
import { maxCpus } from "./vcpu.ts";
import { el, type Element } from "./xml.ts";

const field = "spec.hyper_threading_policy";

/** What the guest is told of cores and threads; nothing where the hypervisor decides. */
export function topology(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  const threads = threadsPerCore(spec, host, problems);
  if (threads === undefined) return [];
  const cores = maxCpus(spec, host.domain) / threads;
  return [el("topology", { sockets: 1, cores, threads })];
}

function threadsPerCore(spec: VMSpec, host: HostFacts, problems: Problems): 1 | 2 | undefined {
  const isEven = maxCpus(spec, host.domain) % 2 === 0;
  const hasSmt = host.node.threadsPerCore > 1;
  switch (spec.hyperThreadingPolicy) {
    case HyperThreadingPolicy.AVOID:
      return 1;
    case HyperThreadingPolicy.PREFER:
      return hasSmt && isEven ? 2 : 1;
    case HyperThreadingPolicy.REQUIRE:
      if (!hasSmt)
        return problems.add(
          field,
          "HYPER_THREADING_UNSUPPORTED",
          `host ${host.name} has one thread per core; switch on SMT in its firmware setup, or use hyperThreadingPolicy prefer`,
        );
      if (spec.cpus % 2 === 1)
        return problems.add(
          field,
          "CONFLICTING_OPTIONS",
          `hyperThreadingPolicy require pairs CPUs on sibling threads, but cpu is ${spec.cpus}; make it even`,
        );
      return 2;
    default:
      return undefined;
  }
}
