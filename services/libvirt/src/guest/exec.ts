import { pollUntil } from "@virtrigaud/kit";
import { garbled, type GuestExit, type GuestProgram, record } from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Domain, Libvirt } from "../client/index.ts";
import { askAgent } from "./agent.ts";
import { textFrom } from "./base64.ts";

const maxOutputBytes = 64 * 1024;

/**
 * Runs a program in the guest to its end, as the agent's account: root. The caller's signal ends the waiting, not the program.
 * @throws AgentError, "refused" when there is no such program or the agent may not run any.
 */
export async function guestExec(
  libvirt: Libvirt,
  domain: Domain,
  { path, args = [], input }: GuestProgram,
  call: Call,
): Promise<GuestExit> {
  const data = input === undefined ? {} : { "input-data": Buffer.from(input).toString("base64") };
  const start = { path, arg: args, "capture-output": true, ...data };
  const pid = record(await askAgent(libvirt, domain, "guest-exec", start, call))?.pid;
  if (typeof pid !== "number") throw garbled("guest-exec");
  const look = async () => exitOf(await askAgent(libvirt, domain, "guest-exec-status", { pid }, call));
  return pollUntil(look, { signal: call.signal, intervalMs: 50, maxIntervalMs: 1000 });
}

/** Undefined while it runs. */
function exitOf(answer: unknown): GuestExit | undefined {
  const state = record(answer);
  if (typeof state?.exited !== "boolean") throw garbled("guest-exec-status");
  if (!state.exited) return undefined;
  const { exitcode, signal } = state;
  const text = (name: string) => textFrom("guest-exec-status", state[name], maxOutputBytes);
  const code = typeof exitcode === "number" ? exitcode : 128 + (typeof signal === "number" ? signal : 0);
  return { code, stdout: text("out-data"), stderr: text("err-data") };
}
