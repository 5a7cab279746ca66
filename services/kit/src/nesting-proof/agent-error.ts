/**
 * - "absent": the VM has no channel for an agent, so waiting is in vain
 * - "silent": no agent answers now
 * - "refused": the agent answered that it will not or cannot
 * - "garbled": what came is no answer to what was asked
 */
export type AgentErrorKind = "absent" | "silent" | "refused" | "garbled";

/** The agent in a guest did not do what it was asked. Its message may hold the guest's own words. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly kind: AgentErrorKind;

  constructor(kind: AgentErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
  }
}

/** What came for a command of QEMU's guest agent protocol is not what it returns. */
export const garbled = (execute: string): AgentError =>
  new AgentError("garbled", `${execute}: the guest's answer is not the agent's`);
