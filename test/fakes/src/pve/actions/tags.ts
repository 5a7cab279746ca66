import type { Major } from "../release.ts";
import { splitList } from "../schema/check.ts";

/** Tags as they are stored: since 7 in lower case, sorted, each once. */
export function uniqueTags(tags: string, major: Major): string {
  if (major < 7) return tags;
  return [...new Set(splitList(tags).map((tag) => tag.toLowerCase()))].sort().join(";");
}
