import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Reads a file of recorded facts about the real PVE, which lie beside the checkout and not in it; undefined where
 * they are not at hand. What they prove is then proven by hand-written expectations only.
 */
export function referenceData(name: string): unknown {
  const path = fileURLToPath(new URL(`../../../../../../shared/data/${name}`, import.meta.url));
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}
