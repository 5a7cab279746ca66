import type { Call } from "../call.ts";
import type { Pve, PveApi } from "../client/index.ts";
import type { Place } from "../known-vms.ts";
import { asAgentError } from "./agent-error.ts";

/** Proxmox VE answers before; this is for a node that does not, in milliseconds. */
const deadlineMs = 15_000;

type AgentApi = ReturnType<ReturnType<PveApi["nodes"]["$"]>["qemu"]["$"]>["agent"];

/** One request to the agent in a VM, by its node. @throws AgentError; PveError "VM N is not running". */
export async function agentOf<T>(
  pve: Pve,
  { node, vmid }: Place,
  { signal }: Call,
  request: (agent: AgentApi) => Promise<T>,
): Promise<T> {
  try {
    return await request(pve.api({ signal, deadlineMs }).nodes.$(node).qemu.$(vmid).agent);
  } catch (error) {
    throw asAgentError(error);
  }
}
