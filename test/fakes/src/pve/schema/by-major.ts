import type { Major } from "../release.ts";

/** A value that changed with a major version: the entry of the newest one not after the release's holds. */
export class ByMajor<T> {
  readonly since: Readonly<Partial<Record<Major, T | undefined>>>;

  constructor(since: Readonly<Partial<Record<Major, T | undefined>>>) {
    this.since = since;
  }

  at(major: Major): T | undefined {
    const majors: readonly Major[] = [9, 8, 7, 6];
    const found = majors.find((candidate) => candidate <= major && candidate in this.since);
    return found === undefined ? undefined : this.since[found];
  }
}

/** `{7: x}` is absent in 6; `{6: x, 8: y}` changed in 8; `{6: x, 9: undefined}` is gone in 9. */
export const byMajor = <T>(since: Readonly<Partial<Record<Major, T | undefined>>>): ByMajor<T> =>
  new ByMajor(since);

/** A table some entries of which depend on the version. */
export type VersionedTable<T> = Readonly<Record<string, T | ByMajor<T>>>;

/** The table as it is in a major version. */
export function atMajor<T>(table: VersionedTable<T>, major: Major): Readonly<Record<string, T>> {
  const resolved: Record<string, T> = {};
  for (const [name, entry] of Object.entries(table)) {
    const value = entry instanceof ByMajor ? entry.at(major) : entry;
    if (value !== undefined) resolved[name] = value;
  }
  return resolved;
}

/** Writes `name[n]` out as name0 … name(count-1). */
export function indexed<T>(name: string, count: number, entry: T): Readonly<Record<string, T>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, entry]));
}
