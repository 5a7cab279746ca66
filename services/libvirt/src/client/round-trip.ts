/** One call that libvirtd answered, or failed to answer. */
export interface RoundTrip {
  readonly procedure: string;
  readonly durationMs: number;
  /** What it rejected with. */
  readonly error?: unknown;
}

/** Is told of every call's end. Must not throw. */
export type ReportRoundTrip = (roundTrip: RoundTrip) => void;

/** The same answer, whose end is reported with the time from now. */
export function reported<R>(report: ReportRoundTrip, procedure: string, answer: Promise<R>): Promise<R> {
  const startedAt = performance.now();
  const end = (error?: unknown) => report({ procedure, durationMs: performance.now() - startedAt, error });
  answer.then(() => end(), end);
  return answer;
}
