/** The middle of the values, or the mean of the two middle ones. @throws RangeError of none. */
export function median(values: readonly number[]): number {
  const sorted = sort(values);
  const half = sorted.length / 2;
  return (at(sorted, Math.ceil(half) - 1) + at(sorted, Math.floor(half))) / 2;
}

/** The smallest value that at least the share (0.99) of all values does not exceed. @throws RangeError of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = sort(values);
  return at(sorted, Math.max(0, Math.ceil(share * sorted.length) - 1));
}

const sort = (values: readonly number[]) => values.toSorted((a, b) => a - b);

function at(sorted: readonly number[], index: number): number {
  const value = sorted[index];
  if (value === undefined) throw new RangeError("there are no values");
  return value;
}
