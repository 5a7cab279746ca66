import { type OperationResult, ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import type { Call } from "../call.ts";
import { attempt } from "../errors.ts";
import type { Host } from "../host.ts";
import { hostReport } from "../mapping/hosts.ts";
import { readMemory } from "../probe/read-memory.ts";

type Checked = Pick<Host, "libvirt" | "jobs" | "freshFacts">;

/** Probes the host anew, as work of the daemon. There is one host, so that all who ask at the same time ask the same. */
export const checkHosts =
  (host: Checked): UnaryHandler<"checkHosts"> =>
  async ({ hosts }, { signal }) => {
    await requireKnown(host, hosts, { signal });
    const operation = host.jobs.start({
      key: "check hosts",
      description: "check hosts",
      run: (work) => report(host, work),
    });
    return { operation };
  };

async function requireKnown({ libvirt }: Checked, names: readonly string[], call: Call): Promise<void> {
  const { hostname } = await attempt("reading the host's name", () =>
    libvirt.call("connectGetHostname", {}, call),
  );
  const unknown = names.filter((name) => name !== hostname);
  if (unknown.length === 0) return;
  throw new ProviderError({
    code: status.NOT_FOUND,
    reason: "HOST_NOT_FOUND",
    message: `no host ${unknown.join(", ")}; there is: ${hostname}`,
  });
}

async function report(host: Checked, { signal }: Call): Promise<OperationResult> {
  const [facts, memory] = await Promise.all([
    host.freshFacts({ signal }),
    attempt("reading the host's memory", () => readMemory(host.libvirt, { signal })),
  ]);
  const node = { ...facts.node, ...(memory && { memoryFreeBytes: memory.freeBytes }) };
  return { $case: "hosts", value: { hosts: [hostReport({ ...facts, node })] } };
}
