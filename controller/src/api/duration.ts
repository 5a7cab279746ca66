/** Text of a Go duration as Kubernetes writes it: "90s", "1h30m", "1.5h", "0". */
export const DURATION_PATTERN = /^(0|(\d{1,9}(\.\d{1,9})?(ns|us|µs|ms|s|m|h))+)$/;

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of a duration such as "90s" or "1h30m".
 * @throws RangeError that quotes the text
 */
export function parseDuration(text: string): number {
  if (!DURATION_PATTERN.test(text)) {
    throw new RangeError(`${JSON.stringify(text)} is not a duration such as "90s" or "1h30m"`);
  }
  const parts = text.matchAll(/([\d.]+)([a-zµ]+)/g);
  return Array.from(parts, ([, number, unit = ""]) => Number(number) * (MILLISECONDS[unit] ?? 0)).reduce(
    (sum, part) => sum + part,
    0,
  );
}
