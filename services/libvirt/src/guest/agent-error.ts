import { AgentError, type AgentErrorKind } from "@virtrigaud/kit/nesting-proof";
import { ErrorCode, LibvirtError } from "../client/index.ts";

/** libvirt's refusals of an agent command that are about the agent; INTERNAL_ERROR carries the agent's own until libvirt 11.2. */
const kinds: ReadonlyMap<number, AgentErrorKind> = new Map([
  [ErrorCode.ARGUMENT_UNSUPPORTED, "absent"],
  [ErrorCode.AGENT_UNRESPONSIVE, "silent"],
  [ErrorCode.AGENT_UNSYNCED, "silent"],
  [ErrorCode.AGENT_COMMAND_TIMEOUT, "silent"],
  [ErrorCode.AGENT_COMMAND_FAILED, "refused"],
  [ErrorCode.INTERNAL_ERROR, "refused"],
]);

/** A failed agent command as what it says about the agent; what is about libvirtd or the VM is returned as it is. */
export function asAgentError(error: unknown): unknown {
  const kind = error instanceof LibvirtError ? kinds.get(error.code) : undefined;
  return kind === undefined ? error : new AgentError(kind, (error as LibvirtError).message, { cause: error });
}
