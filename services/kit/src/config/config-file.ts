import type { z } from "zod";
import type { ConfigProblem, Env } from "./env.ts";

const variable = "PROVIDER_CONFIG_FILE";

/**
 * Reads what the operator set on the Provider that variables have no shape for: the JSON file that PROVIDER_CONFIG_FILE names, or the schema's
 * defaults without one. Adds every problem to `problems` and answers undefined with any.
 * @param readFile reads a text file, and throws an Error that says why not.
 */
export function readConfigFile<Schema extends z.ZodType>(
  env: Env,
  schema: Schema,
  readFile: (path: string) => string,
  problems: ConfigProblem[],
): z.output<Schema> | undefined {
  const path = env[variable] ?? "";
  let content: unknown = {};
  try {
    if (path !== "") content = JSON.parse(readFile(path));
  } catch (error) {
    problems.push({ variable, message: `${path} cannot be read as JSON: ${(error as Error).message}` });
    return undefined;
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const where = issue.path.length > 0 ? [issue.path.join(".")] : [];
    problems.push({ variable, message: [path, ...where, issue.message].join(": ") });
  }
  return undefined;
}
