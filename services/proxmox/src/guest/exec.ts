import { pollUntil } from "@virtrigaud/kit";
import { garbled, type GuestExit, type GuestProgram } from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Pve } from "../client/index.ts";
import type { Place } from "../known-vms.ts";
import { flagOf, type Json, membersOf, numberOf, textOf } from "../mapping/json.ts";
import { agentOf } from "./agent.ts";

const maxOutputBytes = 64 * 1024;

/**
 * Runs a program in a VM's guest to its end, as the agent's account: root. The caller's signal ends the waiting, not the program.
 * @throws AgentError, "refused" when there is no such program or the agent may not run any.
 */
export async function guestExec(
  pve: Pve,
  vm: Place,
  { path, args = [], input }: GuestProgram,
  call: Call,
): Promise<GuestExit> {
  // A form's repeated parameter is a list to every version, however its schema calls it.
  const start = { command: [path, ...args], ...(input === undefined ? {} : { "input-data": input }) };
  const pid = numberOf(membersOf(await agentOf(pve, vm, call, ({ exec }) => exec.$post(start))).pid);
  if (pid === undefined) throw garbled("guest-exec");
  const look = async () =>
    exitOf(await agentOf(pve, vm, call, (agent) => agent["exec-status"].$get({ pid })));
  return pollUntil(look, { signal: call.signal, intervalMs: 50, maxIntervalMs: 1000 });
}

/** Undefined while it runs. */
function exitOf(answer: Json): GuestExit | undefined {
  const state = membersOf(answer);
  if (state.exited === undefined) throw garbled("guest-exec-status");
  if (!flagOf(state.exited)) return undefined;
  const code = numberOf(state.exitcode) ?? 128 + (numberOf(state.signal) ?? 0);
  // Proxmox VE has taken them out of base64.
  const text = (name: string) => textOf(state[name]).slice(0, maxOutputBytes);
  return { code, stdout: text("out-data"), stderr: text("err-data") };
}
