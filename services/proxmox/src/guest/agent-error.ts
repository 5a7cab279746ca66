import { AgentError, type AgentErrorKind } from "@virtrigaud/kit/nesting-proof";
import { PveError, PveNodeUnreachable } from "../client/index.ts";

/** Words of PVE::QemuServer::Agent and PVE::QMPClient since 6.4. "Agent error:" is followed by the agent's own. */
const kinds: readonly (readonly [RegExp, AgentErrorKind])[] = [
  [/^No QEMU guest agent/i, "absent"],
  [/^QEMU guest agent is not running/i, "silent"],
  [/^VM \d+ (?:qga|qmp) command 'guest-[^']*' failed - /, "silent"],
  [/^Agent error: /i, "refused"],
];

/**
 * A failed call below `agent/` as what it says about the agent; what is about the cluster or the VM is returned as it is. The node's daemon
 * dies of the agent's word that there is no such program, which has quotation marks beyond Latin-1: that is a 596.
 */
export function asAgentError(error: unknown): unknown {
  const kind = kindOf(error);
  return kind === undefined ? error : new AgentError(kind, (error as Error).message, { cause: error });
}

function kindOf(error: unknown): AgentErrorKind | undefined {
  if (error instanceof PveNodeUnreachable && error.status === 596) return "refused";
  if (!(error instanceof PveError)) return undefined;
  return kinds.find(([words]) => words.test(error.reason))?.[1];
}
