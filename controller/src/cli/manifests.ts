import { resolve } from "node:path";
import type { Resource } from "../api/kinds.ts";
import { loadManifests } from "../manifest/load.ts";
import { formatProblem } from "../manifest/problem.ts";
import { UsageError } from "./io.ts";

/**
 * The objects of all manifests below the paths.
 * @throws UsageError with every problem, a line each
 */
export async function readManifests(paths: readonly string[]): Promise<readonly Resource[]> {
  const { resources, problems } = await loadManifests(paths);
  if (problems.length > 0) throw new UsageError(problems.map(formatProblem).join("\n"));
  if (resources.length === 0)
    throw new UsageError(`no manifests in ${paths.map((path) => resolve(path)).join(", ")}`);
  return resources.map(({ resource }) => resource);
}
