import type { z } from "zod";

/** Environment variables, as process.env holds them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Name of the environment variable. */
  readonly variable: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** The configuration cannot be used. Its message lists every problem, a line each; it never holds a variable's value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(`the configuration cannot be used\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Reads environment variables by a zod object whose keys are their names. An empty value counts as unset, as Helm and
 * Kubernetes write it.
 * @throws ConfigError with every problem.
 */
export function parseEnv<S extends z.ZodType>(schema: S, env: Env): z.output<S> {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => ({ variable: path.join(".") || "environment", message })),
  );
}

/**
 * Runs several readers of configuration and returns what each returned.
 * @throws ConfigError with the problems of all of them.
 */
export function readTogether<T extends Record<string, () => unknown>>(
  readers: T,
): { [K in keyof T]: ReturnType<T[K]> } {
  const problems: ConfigProblem[] = [];
  const values = Object.entries(readers).map(([key, read]) => {
    try {
      return [key, read()];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return [key, undefined];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(values) as { [K in keyof T]: ReturnType<T[K]> };
}
