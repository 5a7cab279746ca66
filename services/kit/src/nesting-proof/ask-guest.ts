import { pollUntil } from "../poll.ts";
import { AgentError } from "./agent-error.ts";
import { agentCommands, osId } from "./agent-info.ts";
import type { GuestAgent, GuestProgram, Waiting } from "./guest-agent.ts";
import { type GuestFacts, type GuestReport, parseFacts, type Silence } from "./guest-report.ts";
import { linuxScript } from "./linux-script.ts";
import { windowsArguments } from "./windows-script.ts";

/** How long a guest may take until its agent answers, and its proof then, in milliseconds. */
export interface Patience {
  readonly agentMs: number;
  readonly proofMs: number;
}

/** A guest that was started just now is waited for. Together below a minute. */
const usual: Patience = { agentMs: 30_000, proofMs: 25_000 };

/**
 * Asks a guest whether it can run virtual machines. Whatever the guest does, an answer comes within the patience.
 * @throws what is not about the guest: the hypervisor unreachable, the VM off or gone, the signal's reason.
 */
export async function askGuest(
  agent: GuestAgent,
  { signal }: Waiting,
  { agentMs, proofMs }: Patience = usual,
): Promise<GuestReport> {
  const within = async <T>(ms: number, reason: Silence, work: (waiting: Waiting) => Promise<T>) => {
    const limit = AbortSignal.timeout(ms);
    try {
      return await work({ signal: AbortSignal.any([signal, limit]) });
    } catch (error) {
      if (limit.aborted && !signal.aborted) throw new OutOfPatience(reason);
      throw error;
    }
  };
  try {
    const commands = await within(agentMs, "NO_GUEST_ACCESS", (waiting) => firstAnswer(agent, waiting));
    return await within(proofMs, "GUEST_PROOF_TIMEOUT", (waiting) => take(agent, commands, waiting));
  } catch (error) {
    if (error instanceof OutOfPatience) return { system: "silent", reason: error.reason, words: "" };
    if (error instanceof AgentError)
      return { system: "silent", reason: reasons[error.kind], words: error.message };
    throw error;
  }
}

class OutOfPatience extends Error {
  readonly reason: Silence;

  constructor(reason: Silence) {
    super(reason);
    this.reason = reason;
  }
}

const reasons: Readonly<Record<AgentError["kind"], Silence>> = {
  absent: "NO_GUEST_ACCESS",
  silent: "NO_GUEST_ACCESS",
  refused: "GUEST_EXEC_BLOCKED",
  garbled: "GUEST_ANSWER_UNREADABLE",
};

/** What the agent may do, as soon as it answers. */
function firstAnswer(agent: GuestAgent, { signal }: Waiting): Promise<ReadonlySet<string>> {
  const look = async () => {
    try {
      return await agentCommands(agent, { signal });
    } catch (error) {
      if (error instanceof AgentError && error.kind === "silent") return undefined;
      throw error;
    }
  };
  return pollUntil(look, { signal, intervalMs: 200, maxIntervalMs: 2000 });
}

async function take(
  agent: GuestAgent,
  commands: ReadonlySet<string>,
  waiting: Waiting,
): Promise<GuestReport> {
  // Agents before 2.10 do not tell; on Windows those fail below, and are told to be updated.
  const id = commands.has("guest-get-osinfo") ? await osId(agent, waiting) : undefined;
  const isWindows = id === "mswindows";
  if (["guest-exec", "guest-exec-status"].every((name) => commands.has(name))) {
    const facts = await prove(agent, isWindows ? windowsProof : linuxProof, waiting);
    return isWindows ? { system: "windows", facts } : { system: "linux", way: "script", facts };
  }
  const hasFiles = ["guest-file-open", "guest-file-read", "guest-file-close"].every((name) =>
    commands.has(name),
  );
  if (!isWindows && hasFiles && agent.readFacts !== undefined)
    return { system: "linux", way: "files", facts: await agent.readFacts(waiting) };
  return { system: "silent", reason: "GUEST_EXEC_BLOCKED", words: "" };
}

const linuxProof: GuestProgram = { path: "/bin/sh", args: ["-c", linuxScript] };
const windowsProof: GuestProgram = { path: "powershell.exe", args: windowsArguments };

async function prove(agent: GuestAgent, program: GuestProgram, waiting: Waiting): Promise<GuestFacts> {
  const { code, stdout, stderr } = await agent.run(program, waiting);
  const facts = parseFacts(stdout);
  if (facts !== undefined) return facts;
  throw new AgentError(
    "garbled",
    `${program.path} ended with ${code} before the proof was told: ${stderr.slice(0, 200)}`,
  );
}
