// The proof that a guest can run virtual machines: what it is asked, and what its answer comes to.
export { AgentError, type AgentErrorKind, garbled } from "./agent-error.ts";
export { record } from "./agent-info.ts";
export { askGuest, type Patience } from "./ask-guest.ts";
export type { GuestAgent, GuestExit, GuestProgram, Waiting } from "./guest-agent.ts";
export { type GuestFacts, type GuestReport, oneLine, type Silence } from "./guest-report.ts";
export { verdict } from "./verdict.ts";
