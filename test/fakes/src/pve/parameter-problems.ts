import type { Method } from "./api/endpoint.ts";
import { Router } from "./api/router.ts";
import { endpoints } from "./endpoints/index.ts";
import { type PveVersion, releaseOf } from "./release.ts";
import { checkValues } from "./schema/check.ts";
import { formatBook } from "./schema/formats.ts";

/**
 * What a version says of parameters before it looks at anything else, by parameter: a 400's `errors`. Lets requests be checked without a
 * server. Throws for a path that the version has not.
 */
export function parameterProblems(
  version: PveVersion,
  method: Method,
  path: string,
  parameters: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string>> {
  const { major } = releaseOf(version);
  const route = new Router(endpoints, major).find(method, path);
  if (route === undefined) throw new Error(`Method '${method} ${path}' not implemented in ${version}`);
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const);
  const values = { ...route.inPath, ...Object.fromEntries(texts) };
  return checkValues(
    values,
    route.schemas,
    formatBook(major, () => false),
  );
}
