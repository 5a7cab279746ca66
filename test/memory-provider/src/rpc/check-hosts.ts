import { type CheckHostsRequest, type CheckHostsResponse, HostReport, Tristate } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { notFound } from "../fault.ts";
import type { Host } from "../hypervisor/hosts.ts";
import { threadMhz } from "../mapping/implied.ts";
import { observeTask } from "../mapping/operation.ts";

const threads = 64;

/** CheckHosts: the named hosts, or all, as they are scripted. */
export function checkHosts({ hypervisor }: Context, { hosts }: CheckHostsRequest): CheckHostsResponse {
  const unknown = hosts.find((name) => !hypervisor.hosts.some((host) => host.name === name));
  if (unknown !== undefined) throw notFound(`host ${unknown}`);
  const chosen = hypervisor.hosts.filter(({ name }) => hosts.length === 0 || hosts.includes(name));
  const reports = chosen.map(report).sort((a, b) => (a.name < b.name ? -1 : 1));
  const task = hypervisor.tasks.start({
    description: "check hosts",
    cancellable: true,
    effect: () => ({ $case: "hosts", value: { hosts: reports } }),
  });
  return { operation: observeTask(task) };
}

function report(host: Host): HostReport {
  return HostReport.fromPartial({
    id: host.name,
    name: host.name,
    hypervisorVersion: "In-memory hypervisor 1.0",
    available: Tristate.TRUE,
    cpuVendor: host.cpuVendor,
    cpuModel: "scripted",
    hardwareVirtualization: Tristate.TRUE,
    nestedVirtualization: host.nested,
    guestLevel: 1,
    uefi: Tristate.TRUE,
    secureBoot: Tristate.TRUE,
    tpm: Tristate.TRUE,
    iommu: Tristate.TRUE,
    cpuThreads: threads,
    cpuMhz: threads * threadMhz,
    memoryBytes: 1024 ** 4,
    evidence: [host.evidence],
    remedy: host.remedy ? [host.remedy] : [],
  });
}
