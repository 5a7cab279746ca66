import { fieldPath } from "../api/describe.ts";
import type { Path } from "../api/json-schema.ts";
import type { Resource } from "../api/kinds.ts";
import { isMapping } from "../api/mapping.ts";
import { parseResource } from "../api/parse.ts";
import { type YamlDocument, readDocuments } from "./documents.ts";
import type { ManifestProblem, Source } from "./problem.ts";

/** A validated object and the place it was read from. */
export interface Loaded {
  readonly resource: Resource;
  readonly source: Source;
}

/** What manifests hold: the valid objects, and everything that is wrong with the others. */
export interface Manifests {
  readonly resources: readonly Loaded[];
  readonly problems: readonly ManifestProblem[];
}

/** Reads the text of one manifest file: several documents, lists of objects, empty documents. */
export function parseManifest(file: string, text: string): Manifests {
  const resources: Loaded[] = [];
  const problems: ManifestProblem[] = [];
  for (const document of readDocuments(text)) {
    const { number, error, value } = document;
    if (error !== undefined) problems.push({ file, document: number, ...error });
    for (const object of objectsOf(value)) {
      const result = load(file, document, object);
      if ("resource" in result) resources.push(result);
      else problems.push(...result);
    }
  }
  return { resources, problems };
}

interface Located {
  readonly value: unknown;
  /** Where the object is within its document. */
  readonly path: Path;
}

// kubectl writes several objects as one of kind List, or VMClassList, with the objects as items.
function objectsOf(value: unknown): Located[] {
  if (value === null) return [];
  if (isMapping(value) && Array.isArray(value.items) && String(value.kind).endsWith("List")) {
    return value.items.map((item, index) => ({ value: item, path: ["items", index] }));
  }
  return [{ value, path: [] }];
}

function load(file: string, document: YamlDocument, object: Located): Loaded | ManifestProblem[] {
  const source = (path: Path): Source => ({
    file,
    document: document.number,
    ...document.positionOf([...object.path, ...path]),
  });
  const { resource, problems } = parseResource(object.value);
  if (resource !== undefined) return { resource, source: source([]) };
  return problems.map(({ path, message }) => ({
    ...source(path),
    ...identity(object.value),
    ...(path.length > 0 && { field: fieldPath(path) }),
    message,
  }));
}

function identity(value: unknown): Pick<ManifestProblem, "kind" | "namespace" | "name"> {
  const { kind, metadata } = isMapping(value) ? value : {};
  const { namespace = "default", name } = isMapping(metadata) ? metadata : {};
  return {
    ...(typeof kind === "string" && { kind }),
    ...(typeof name === "string" && { name, namespace: String(namespace) }),
  };
}
