import type { Call } from "./call.ts";
import { PveError, PveUnreachable, type Pve } from "./client/index.ts";
import { attempt, isRefused, unlessGone } from "./errors.ts";
import type { ReadVm } from "./mapping/existing.ts";
import { readVm } from "./mapping/found-vm.ts";
import type { Json } from "./mapping/json.ts";
import { decodeAgent } from "./mapping/language/agent.ts";
import { optionOf } from "./mapping/vm-config.ts";
import type { Place } from "./known-vms.ts";

/** How long a guest's agent may take; Proxmox VE gives up one that is silent after 3 s. */
const agentMs = 5_000;

/** A VM as it is now, by two requests; undefined only when its node says that it is not there. */
export async function readVmAt(pve: Pve, { node, vmid }: Place, call: Call): Promise<ReadVm | undefined> {
  const vm = pve.api(call).nodes.$(node).qemu.$(vmid);
  const answers = await attempt(`reading VM ${vmid}`, () =>
    unlessGone(Promise.all([vm.status.current.$get(), vm.pending.$get()])),
  );
  if (answers === undefined) return undefined;
  const [status, pending] = answers;
  const found = readVm({ row: { type: "qemu", vmid, node }, status, pending });
  if (found?.config === undefined) throw new Error(`VM ${vmid} was read without its configuration`);
  return { ...found, config: found.config };
}

/** The same with what its guest tells, where it runs and has an agent: another request. */
export async function withGuest(pve: Pve, found: ReadVm, call: Call): Promise<ReadVm> {
  const { current } = found.config;
  const hasChannel = decodeAgent(optionOf(current, "agent") ?? "0").enabled === true;
  if (found.power.status !== "running" || !hasChannel) return found;
  const agent = await askInterfaces(pve, found, call);
  if (agent === undefined) return found;
  const row = { type: "qemu", vmid: found.vmid, node: found.node };
  const { agent: answers, interfaces = [] } = readVm({ row, agent }) ?? {};
  return { ...found, agent: answers, interfaces };
}

/** What the agent answers, "silent" when none does; undefined when that is not known. Nobody's VM is unreadable for its guest's sake. */
async function askInterfaces(pve: Pve, { node, vmid }: Place, { signal }: Call): Promise<Json> {
  const { agent } = pve.api({ signal, deadlineMs: agentMs }).nodes.$(node).qemu.$(vmid);
  try {
    return await agent["network-get-interfaces"].$get();
  } catch (error) {
    if (isRefused(error, "GUEST_AGENT_MISSING")) return "silent";
    if (error instanceof PveError || error instanceof PveUnreachable) return undefined;
    throw error;
  }
}
