import type { Measurement } from "./measurement.ts";

/** Measurements, and which of their rows were asked for. */
export interface Selection {
  readonly measurements: readonly Measurement[];
  readonly ids: ReadonlySet<string>;
  /** Names that no row begins with. */
  readonly unknown: readonly string[];
}

/** The rows whose ids begin with one of the names, and the measurements that yield them; everything without a name. */
export function select(measurements: readonly Measurement[], names: readonly string[]): Selection {
  const all = measurements.flatMap(({ rows }) => rows.map(({ id }) => id));
  const isAsked = (id: string) => names.length === 0 || names.some((name) => id.startsWith(name));
  const ids = new Set(all.filter(isAsked));
  return {
    measurements: measurements.filter(({ rows }) => rows.some(({ id }) => ids.has(id))),
    ids,
    unknown: names.filter((name) => !all.some((id) => id.startsWith(name))),
  };
}
