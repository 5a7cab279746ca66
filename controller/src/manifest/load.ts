import { duplicates } from "./duplicates.ts";
import { findManifests } from "./files.ts";
import { type Manifests, parseManifest } from "./parse-manifest.ts";
import { readText } from "./read.ts";

/**
 * Reads every manifest below the given files and folders. Never rejects: what cannot be read or is wrong is a problem,
 * and all problems are reported at once. Of objects declared more than once the first is kept.
 */
export async function loadManifests(paths: readonly string[]): Promise<Manifests> {
  const found = await findManifests(paths);
  const parsed: Manifests[] = [{ resources: [], problems: found.problems }];
  for (const file of found.files) {
    const content = await readText(file);
    parsed.push(
      "text" in content
        ? parseManifest(file, content.text)
        : { resources: [], problems: [{ file, message: content.problem }] },
    );
  }
  const { resources, problems } = duplicates(parsed.flatMap((manifests) => manifests.resources));
  return { resources, problems: [...parsed.flatMap((manifests) => manifests.problems), ...problems] };
}
