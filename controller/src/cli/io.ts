/** The world that a command runs in. */
export interface CliIo {
  readonly env: NodeJS.ProcessEnv;
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and problems, a line each. */
  readonly err: (line: string) => void;
  /** Ends the command cleanly, as Ctrl-C does. */
  readonly signal: AbortSignal;
}

/** Exit codes. */
export const EXIT = {
  /** Everything reached its goal. */
  ok: 0,
  /** Something did not; the reasons were told. */
  unreached: 1,
  /** The command line or a manifest is wrong; nothing was done. */
  usage: 2,
} as const;

/** The command line or what it names is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
