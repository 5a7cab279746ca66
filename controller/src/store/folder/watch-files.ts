import { watch } from "chokidar";

/** Editors write a file in several steps, and `cp -r` many files: one change is told for all of them. */
const SETTLE_MS = 100;

/** Calls back a moment after something below the paths changed, until the signal aborts. */
export function watchFiles(paths: readonly string[], changed: () => void, signal: AbortSignal): void {
  const watcher = watch([...paths], { ignoreInitial: true });
  let settling: NodeJS.Timeout | undefined;
  watcher.on("all", () => {
    clearTimeout(settling);
    settling = setTimeout(changed, SETTLE_MS);
  });
  const close = () => {
    clearTimeout(settling);
    void watcher.close();
  };
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
}
