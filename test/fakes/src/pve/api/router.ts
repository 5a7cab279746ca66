import type { Major } from "../release.ts";
import { atMajor } from "../schema/by-major.ts";
import type { PropertyFormat } from "../schema/schema.ts";
import type { Endpoint, Method } from "./endpoint.ts";

/** An endpoint that fits a request, and the parameters in its path. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly inPath: Readonly<Record<string, string>>;
  readonly schemas: PropertyFormat;
}

/** Finds endpoints of one major version. */
export class Router {
  readonly #major: Major;
  readonly #entries: readonly Entry[];
  readonly #schemas = new Map<Endpoint, PropertyFormat>();

  constructor(endpoints: readonly Endpoint[], major: Major) {
    this.#major = major;
    this.#entries = endpoints
      .filter((endpoint) => (endpoint.since ?? 6) <= major)
      .map((endpoint) => ({ endpoint, ...pathPattern(endpoint.path) }));
  }

  find(method: Method, path: string): Route | undefined {
    const trimmed = path.replace(/(.)\/+$/, "$1");
    for (const { endpoint, pattern, names } of this.#entries) {
      const match = endpoint.method === method ? pattern.exec(trimmed) : null;
      if (match === null) continue;
      const inPath = Object.fromEntries(names.map((name, index) => [name, match[index + 1] as string]));
      return { endpoint, inPath, schemas: this.schemasOf(endpoint) };
    }
    return undefined;
  }

  /** Made on first use: the table of a VM's options is long. */
  schemasOf(endpoint: Endpoint): PropertyFormat {
    const { parameters } = endpoint;
    const made =
      this.#schemas.get(endpoint) ??
      (typeof parameters === "function" ? parameters(this.#major) : atMajor(parameters, this.#major));
    this.#schemas.set(endpoint, made);
    return made;
  }
}

interface Entry {
  readonly endpoint: Endpoint;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

function pathPattern(path: string): Pick<Entry, "pattern" | "names"> {
  const names: string[] = [];
  const source = path.replace(/\{(\w+)(\*?)\}/g, (_, name: string, rest: string) => {
    names.push(name);
    return rest === "*" ? "(.+)" : "([^/]+)";
  });
  return { pattern: new RegExp(`^${source}$`), names };
}
