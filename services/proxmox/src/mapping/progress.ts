/** How far a running task is by its log, 0 to 100: the last percentage that a copy, or wget for a download, has printed. */
export function progressOf(log: readonly string[]): number | undefined {
  for (const line of log.toReversed()) {
    const percent =
      /\((\d{1,3}(?:\.\d+)?)%\)/.exec(line)?.[1] ?? /^\s*\d+[KMG]\b.*?\b(\d{1,3})%/.exec(line)?.[1];
    if (percent !== undefined) return Math.min(100, Math.floor(Number(percent)));
  }
  return undefined;
}
