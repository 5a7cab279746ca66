import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ManifestProblem } from "./problem.ts";
import { reasonOf } from "./read.ts";

/** Manifest files below the given paths, and paths that could not be looked at. */
export interface Found {
  readonly files: readonly string[];
  readonly problems: readonly ManifestProblem[];
}

/**
 * Manifest files in a stable order: a path that is a file is taken whatever its name, a folder gives its *.yaml, *.yml
 * and *.json, recursively and sorted. Hidden entries are skipped; a file or folder that is reached twice, by a symbolic
 * link or by overlapping paths, is taken once.
 */
export async function findManifests(paths: readonly string[]): Promise<Found> {
  const seen = new Set<string>();
  const files: string[] = [];
  const problems: ManifestProblem[] = [];
  const visit = async (path: string, named: boolean): Promise<void> => {
    try {
      const real = await realpath(path);
      const entry = await stat(real);
      if (seen.has(real) || !(named || entry.isDirectory() || (entry.isFile() && isManifest(path)))) return;
      seen.add(real);
      if (!entry.isDirectory()) {
        files.push(path);
        return;
      }
      // Other files are not even looked at: an editor's temporary file may be gone the next moment.
      const children = (await readdir(path, { withFileTypes: true }))
        .filter((child) => !child.name.startsWith(".") && (isManifest(child.name) || !child.isFile()))
        .map((child) => child.name);
      for (const child of children.sort()) await visit(join(path, child), false);
    } catch (error) {
      problems.push({ file: path, message: `cannot be read: ${reasonOf(error)}` });
    }
  };
  for (const path of paths) await visit(path, true);
  return { files, problems };
}

function isManifest(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name);
}
