/** Text of a Kubernetes quantity: sign, decimal number, then a binary suffix, a decimal suffix or an exponent. */
export const QUANTITY_PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;

const BINARY_SUFFIXES = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/**
 * Bytes of a Kubernetes quantity such as "8Gi", "1.5G", "1e9", "1000m" or "1073741824".
 * Exact: what is not a whole, non-negative number of bytes up to 2^53-1 is refused, never rounded.
 * @throws RangeError that quotes the text and says what is expected
 */
export function parseQuantity(text: string): number {
  const bytes = exactBytes(text);
  if (bytes === undefined) {
    throw new RangeError(
      `${JSON.stringify(text)} is not a whole number of bytes such as 8Gi, 512Mi or 1073741824`,
    );
  }
  return bytes;
}

/** Whether parseQuantity accepts the text. */
export function isQuantity(text: string): boolean {
  return exactBytes(text) !== undefined;
}

function exactBytes(text: string): number | undefined {
  const [, number = "", suffix = ""] = QUANTITY_PATTERN.exec(text) ?? [];
  if (number === "" || text.startsWith("-")) return undefined;
  const [whole = "", fraction = ""] = number.split(".");
  const { factor, exponent } = scale(suffix);
  const numerator = BigInt(whole + fraction) * factor * 10n ** BigInt(Math.max(0, exponent));
  const denominator = 10n ** BigInt(fraction.length + Math.max(0, -exponent));
  const bytes = numerator / denominator;
  return numerator % denominator === 0n && bytes <= Number.MAX_SAFE_INTEGER ? Number(bytes) : undefined;
}

function scale(suffix: string): { factor: bigint; exponent: number } {
  const power = BINARY_SUFFIXES.indexOf(suffix) + 1;
  if (power > 0) return { factor: 1024n ** BigInt(power), exponent: 0 };
  return { factor: 1n, exponent: DECIMAL_EXPONENTS[suffix] ?? Number(suffix.slice(1)) };
}
