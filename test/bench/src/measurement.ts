import type { Scope } from "./scope.ts";

/** What a row is measured against. */
export interface Target {
  readonly at: "least" | "most";
  readonly bound: number;
}

/** A row before it is measured. */
export interface RowPlan {
  /** Dotted, the subject first: "vsphere.create.round_trips". */
  readonly id: string;
  /** Unit of the value: "ms", "calls"; "x" for a ratio. */
  readonly unit: string;
  /** Absent for rows whose value is information only. */
  readonly target?: Target;
}

/** What came out for one row. */
export interface Reading {
  /** The median over the runs. */
  readonly value: number;
  /** Runs that the median is of. */
  readonly n: number;
  /** What it was measured beside, and what came out there. */
  readonly comparison?: string;
  /** What a reader needs to know to make sense of the value. */
  readonly note?: string;
}

/** A row as `--json` writes it. */
export interface Row {
  readonly id: string;
  /** null: nothing came out, and the note says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly target: Target | null;
  readonly comparison: string | null;
  readonly n: number;
  readonly note: string | null;
}

/** What a measurement is given. */
export interface Bench {
  /** How often to measure. */
  readonly runs: number;
  /** Aborted when the user gives up; loops look at it between their rounds. */
  readonly signal: AbortSignal;
  /** Whatever is started is started through it, so that it is stopped however the measurement ends. */
  readonly scope: Scope;
}

/** One experiment; the rows that it yields come out together. */
export interface Measurement {
  readonly rows: readonly RowPlan[];
  /** Answers a reading for each row by its id. @throws GoProgramUnavailable or MissingHere when the machine lacks what it needs. */
  measure(bench: Bench): Promise<Readonly<Record<string, Reading>>>;
}
