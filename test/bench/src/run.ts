import { GoProgramUnavailable, MissingHere } from "@virtrigaud/test-tools";
import type { Measurement, Reading, Row, RowPlan } from "./measurement.ts";
import { Scope } from "./scope.ts";

/** How measurements are run. */
export interface RunOptions {
  readonly ids: ReadonlySet<string>;
  readonly runs: number;
  readonly signal: AbortSignal;
  /** Told what is measured next, and what went wrong. */
  readonly progress: (message: string) => void;
}

/** What all measurements came to. */
export interface Outcome {
  readonly rows: readonly Row[];
  /** Whether a measurement broke, other than for want of something that the machine lacks. */
  readonly failed: boolean;
}

/** Runs one measurement after the other, each with what it started stopped before the next. Ends early, with what there is, on abort. */
export async function run(measurements: readonly Measurement[], options: RunOptions): Promise<Outcome> {
  const rows: Row[] = [];
  let failed = false;
  for (const measurement of measurements) {
    const plans = measurement.rows.filter(({ id }) => options.ids.has(id));
    options.progress(plans.map(({ id }) => id).join(", "));
    try {
      const readings = await measureOnce(measurement, options);
      rows.push(...plans.map((plan) => rowOf(plan, readings[plan.id])));
    } catch (error) {
      if (options.signal.aborted) break;
      const absent = error instanceof GoProgramUnavailable || error instanceof MissingHere;
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      const [firstLine = ""] = message.split("\n");
      const note = `${absent ? "absent" : "failed"}: ${firstLine}`;
      if (!absent) options.progress(stack ?? message);
      failed ||= !absent;
      rows.push(...plans.map((plan) => emptyRow(plan, note)));
    }
  }
  return { rows, failed };
}

async function measureOnce(measurement: Measurement, { runs, signal }: RunOptions) {
  const scope = new Scope();
  // What the measurement uses is stopped under its hands, so that whatever it waits for ends.
  const onAbort = () => void scope.close().catch(() => undefined);
  signal.throwIfAborted();
  signal.addEventListener("abort", onAbort);
  try {
    return await measurement.measure({ runs, signal, scope });
  } finally {
    signal.removeEventListener("abort", onAbort);
    await scope.close();
  }
}

function rowOf(plan: RowPlan, reading: Reading | undefined): Row {
  if (reading === undefined) throw new Error(`the measurement of ${plan.id} did not answer it`);
  const { value, n, comparison, note } = reading;
  return { ...emptyRow(plan, note ?? null), value, comparison: comparison ?? null, n };
}

const emptyRow = ({ id, unit, target }: RowPlan, note: string | null): Row => ({
  id,
  value: null,
  unit,
  target: target ?? null,
  comparison: null,
  n: 0,
  note,
});
