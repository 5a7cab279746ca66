import { garbled } from "./agent-error.ts";
import type { GuestAgent, Waiting } from "./guest-agent.ts";

/** Names of the commands that the agent of a guest may execute. @throws AgentError */
export async function agentCommands(agent: GuestAgent, waiting: Waiting): Promise<ReadonlySet<string>> {
  const { supported_commands: commands } = record(await agent.ask("guest-info", waiting)) ?? {};
  if (!Array.isArray(commands)) throw garbled("guest-info");
  const enabled = commands.map(record).filter((command) => command?.enabled === true);
  return new Set(enabled.map((command) => String(command?.name)));
}

/** The id of a guest's operating system, "debian", "mswindows"; undefined when it does not tell. @throws AgentError */
export async function osId(agent: GuestAgent, waiting: Waiting): Promise<string | undefined> {
  const { id } = record(await agent.ask("guest-get-osinfo", waiting)) ?? {};
  return typeof id === "string" ? id : undefined;
}

/** An object's fields; undefined for everything else. */
export const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
