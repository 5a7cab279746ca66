import { type NestedVirtualizationStatus, NestedPolicy, Tristate } from "@virtrigaud/proto";
import { cpuFeature, type Host } from "../hypervisor/hosts.ts";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { policyOf } from "./implied.ts";

/** The four senses of nested virtualization, each from its own source. */
export function nestedStatus(hypervisor: Hypervisor, machine: Machine): NestedVirtualizationStatus {
  const host = hypervisor.hosts.find(({ name }) => name === machine.host);
  const requested = machine.marker?.nestedRequested;
  const configured = policyOf(machine.config) === NestedPolicy.REQUIRED;
  const [reason, message] = leastCertain(hypervisor, machine, host, configured);
  return {
    requested: requested === undefined ? Tristate.UNKNOWN : tristate(requested),
    hostCapable: host?.nested ?? Tristate.UNKNOWN,
    configured: tristate(configured),
    verified: machine.proof?.verdict ?? Tristate.UNKNOWN,
    cpuFeature: host ? cpuFeature(host.cpuVendor) : "",
    mechanism: "config.nested_virtualization.policy",
    level: 1,
    reason,
    message,
    evidence: [...(host ? [`host ${host.name}: ${host.evidence}`] : []), ...(machine.proof?.evidence ?? [])],
    verifiedAt: machine.proof?.verifiedAt,
  };
}

function leastCertain(
  { guest }: Hypervisor,
  { proof }: Machine,
  host: Host | undefined,
  configured: boolean,
): [reason: string, message: string] {
  if (proof) return [proof.reason, proof.message];
  if (!configured) return ["NOT_REQUESTED", "the VM was not asked to host VMs"];
  if (guest === "simulated") return ["SIMULATED", "nothing runs in memory, so nothing can be proven"];
  if (host?.nested !== Tristate.TRUE) return ["HOST_CAPABILITY_UNKNOWN", host?.remedy ?? ""];
  return ["NOT_YET_VERIFIED", "power the VM on and call VerifyNesting"];
}

function tristate(value: boolean): Tristate {
  return value ? Tristate.TRUE : Tristate.FALSE;
}
