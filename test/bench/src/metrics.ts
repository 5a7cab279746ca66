/** Reads a counter by one of its labels from a daemon's /metrics. @param address "host:port" of its health server. */
export async function readCounter(
  address: string,
  name: string,
  label: string,
): Promise<Map<string, number>> {
  const response = await fetch(`http://${address}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return countersIn(await response.text(), name, label);
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
