/** Which counter of a daemon. */
export interface CounterOf {
  /** "host:port" of the daemon's health server. */
  readonly address: string;
  readonly name: string;
  /** The label by whose values it is told apart. */
  readonly label: string;
}

/** Reads a counter by one of its labels. */
export async function readCounter({ address, name, label }: CounterOf): Promise<Map<string, number>> {
  return countersIn(await readMetrics(address), name, label);
}

/** Everything that a daemon measures of itself, as Prometheus text. @param address "host:port" of its health server. */
export async function readMetrics(address: string): Promise<string> {
  const response = await fetch(`http://${address}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return response.text();
}

/** By how much the counter grew while something was done, by label; what did not grow is left out. */
export async function growth(counter: CounterOf, work: () => Promise<unknown>): Promise<Map<string, number>> {
  const before = await readCounter(counter);
  await work();
  return grown(before, await readCounter(counter));
}

/** The differences that are none of nothing. */
export function grown(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Map<string, number> {
  const differences = [...after].map(([key, sum]) => [key, sum - (before.get(key) ?? 0)] as const);
  return new Map(differences.filter(([, difference]) => difference > 0));
}

/** The samples of a counter in Prometheus text, summed by the value of a label. */
export function countersIn(text: string, name: string, label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, labels = "", value] of text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, "gm"))) {
    const key = new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? "";
    sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return sums;
}

/** A measure without labels in Prometheus text. @throws Error when there is none of that name. */
export function gaugeIn(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`the daemon tells no ${name}`);
  return Number(value);
}

/** The sum over all values of the label. */
export const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, one) => sum + one, 0);

/** "CreateVM 1, Read 2.5" */
export function describeCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([key, count]) => `${key} ${Number(count.toFixed(2))}`).join(", ");
}
