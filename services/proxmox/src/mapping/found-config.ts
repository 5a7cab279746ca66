import { flagOf, type Json, listOf, numberOf, textOf } from "./json.ts";
import type { VmConfig } from "./vm-config.ts";

/** A VM's options as they were read. */
export interface FoundConfig {
  /** What a running VM runs with. */
  current: VmConfig;
  /** What its next start takes: the same with the pending changes made. */
  next: VmConfig;
  /** Of the whole; a write with it fails when someone else was faster. */
  digest: string;
}

type Entry = Readonly<Record<string, Json>> & { readonly key: string };

/** Reads a `GET pending`, which tells both sides in one answer. */
export function readConfig(pending: Json): FoundConfig {
  const entries: Entry[] = listOf(pending).map((entry) => ({ ...entry, key: textOf(entry.key) }));
  const options = entries.filter(({ key }) => key !== "" && key !== "digest");
  return {
    current: toConfig(options.map(({ key, value }) => [key, value])),
    next: toConfig(
      options.map((entry) => [entry.key, isGoing(entry) ? undefined : (entry.pending ?? entry.value)]),
    ),
    digest: textOf(entries.find(({ key }) => key === "digest")?.value),
  };
}

/** 1: removed at the next start; 2: with its volumes. */
const isGoing = (entry: Entry): boolean => flagOf(entry.delete) || numberOf(entry.delete) === 2;

const toConfig = (entries: readonly (readonly [string, Json])[]): VmConfig =>
  Object.fromEntries(
    entries.filter(
      (entry): entry is readonly [string, string | number] =>
        typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );

/** What is stored and does not run yet, a sentence each. */
export function restartReasons({ current, next }: FoundConfig): string[] {
  const options = [...new Set([...Object.keys(current), ...Object.keys(next)])].sort();
  return options.flatMap((option) => {
    const [runs, stored] = [current[option], next[option]];
    if (runs !== undefined && stored !== undefined && String(runs) === String(stored)) return [];
    const what = stored === undefined ? `${option} is removed` : `${option}=${stored} is stored`;
    const instead = runs === undefined ? "nothing of it runs" : `${option}=${runs} runs`;
    return [`${what}, ${instead}; power the VM off and on`];
  });
}
