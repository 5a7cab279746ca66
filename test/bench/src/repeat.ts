import type { Bench } from "./measurement.ts";

type Rounds = Pick<Bench, "runs" | "signal">;

/** Measures as often as was asked for, one after the other, until the user gives up. */
export async function repeat<T>(
  { runs, signal }: Rounds,
  measure: (run: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < runs; run += 1) {
    signal.throwIfAborted();
    results.push(await measure(run));
  }
  return results;
}

/** Measures two rivals in turn within each run, taking turns at being first. */
export function repeatPair<A, B>(
  rounds: Rounds,
  one: () => Promise<A>,
  other: () => Promise<B>,
): Promise<[A, B][]> {
  return repeat(rounds, async (run) => {
    if (run % 2 === 0) return [await one(), await other()];
    const second = await other();
    return [await one(), second];
  });
}
