import { AgentError, garbled, record } from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Domain, Libvirt } from "../client/index.ts";
import { asAgentError } from "./agent-error.ts";

/** Longest answer that is looked at, in characters. What is asked for here is far shorter; the guest decides what comes. */
const maxAnswerLength = 512 * 1024;
/** How long libvirtd waits for the agent, in seconds: as long to find it awake, and then for the answer. */
const timeoutSeconds = 5;
/** libvirtd answers before; this is for one that does not. */
const deadlineMs = 3 * timeoutSeconds * 1000;

/**
 * Has the agent of a guest execute one command of QEMU's guest agent protocol, and answers what it returned, unchecked. At most 15 s.
 * @throws AgentError; LibvirtError OPERATION_INVALID when the VM does not run.
 */
export async function askAgent(
  libvirt: Libvirt,
  domain: Domain,
  execute: string,
  args: object,
  { signal }: Call,
): Promise<unknown> {
  const command = JSON.stringify({ execute, arguments: args });
  try {
    const asked = { domain, command, timeout: timeoutSeconds };
    const { result } = await libvirt.call("domainAgentCommand", asked, { signal, deadlineMs });
    return returned(execute, result ?? "");
  } catch (error) {
    throw asAgentError(error);
  }
}

function returned(execute: string, answer: string): unknown {
  if (answer.length > maxAnswerLength)
    throw new AgentError(
      "garbled",
      `${execute}: the guest answered ${answer.length} characters, which are not read`,
    );
  const reply = record(parsed(execute, answer));
  if (reply === undefined || !("return" in reply)) throw garbled(execute);
  return reply.return;
}

function parsed(execute: string, answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    // The parser's words would quote the guest.
    throw garbled(execute);
  }
}
