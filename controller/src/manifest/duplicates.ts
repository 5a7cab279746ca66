import type { Loaded, Manifests } from "./parse-manifest.ts";
import { type ManifestProblem, type Source, objectName } from "./problem.ts";

/** Keeps the first object of each kind, namespace and name; every further one is a problem that names both places. */
export function duplicates(loaded: readonly Loaded[]): Manifests {
  const first = new Map<string, Loaded>();
  const problems: ManifestProblem[] = [];
  for (const one of loaded) {
    const { kind, metadata } = one.resource;
    const { namespace, name } = metadata;
    const key = objectName({ kind, namespace, name });
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, one);
    else
      problems.push({
        ...one.source,
        kind,
        namespace,
        name,
        message: `already declared at ${place(earlier.source)}`,
      });
  }
  return { resources: [...first.values()], problems };
}

function place({ file, line, column, document }: Source): string {
  return `${file}:${line}:${column} (document ${document})`;
}
