import { closestMatch } from "leven";
import { type Path, type SchemaNode, nodeAt } from "./json-schema.ts";

/** What a value has to be, as the words after "expected": "an integer from 1 to 128", "one of On, Off". */
export function expectation(node: SchemaNode): string {
  if (node.title !== undefined) return node.title;
  if (node.enum !== undefined) return `one of ${node.enum.map(word).join(", ")}`;
  if (node.const !== undefined) return word(node.const);
  switch (node.type) {
    case "integer":
      return `an integer${range(node)}`;
    case "string":
      return node.maxLength === undefined ? "text" : `text of at most ${node.maxLength} characters`;
    case "boolean":
      return "true or false";
    case "array":
      return `a list${size(node)}`;
    default:
      return "a mapping";
  }
}

/** The value as the words after "got"; the text of a confidential field is not shown. */
export function shown(value: unknown, node: SchemaNode): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (node.format === "password") return typeof value === "string" ? "another text" : `a ${typeof value}`;
  if (typeof value !== "string") {
    return `the ${typeof value} ${String(value)}${node.type === "string" ? "; put it in quotes" : ""}`;
  }
  const text = value.replace(/:\/\/[^/]*@/, "://…@"); // credentials in a URL
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** Says that a field does not exist, with the field that was probably meant or else the fields there are. */
export function unknownField(root: SchemaNode, path: Path, key: string): string {
  const known = Object.keys(nodeAt(root, path)?.properties ?? {});
  const near = closestMatch(key, known, { maxDistance: Math.max(1, Math.floor(key.length / 2)) });
  const [elsewhere, ...more] = near === undefined ? pathsTo(root, key).map(fieldPath) : [near];
  return elsewhere !== undefined && more.length === 0
    ? `unknown field; did you mean ${elsewhere}?`
    : `unknown field; known here: ${known.join(", ")}`;
}

/** A path as people write it: spec.disks[1].name, metadata.labels["a/b"]. */
export function fieldPath(path: Path): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return steps.join("").replace(/^\./, "");
}

// A field in the wrong place is the commonest mistake: spec.nestedVirtualization belongs into performanceProfile.
function pathsTo(node: SchemaNode, key: string, path: Path = []): Path[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const here = [...path, name];
    const below = typeof field === "object" ? pathsTo(field, key, here) : [];
    return name === key ? [here, ...below] : below;
  });
}

function word(value: unknown): string {
  return typeof value === "string" && /^[A-Za-z]/.test(value) && !/^(true|false|on|off|yes|no)$/.test(value)
    ? value
    : JSON.stringify(value);
}

function range({ minimum, maximum }: SchemaNode): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  if (from) return bounded ? ` from ${minimum} to ${maximum}` : ` of at least ${minimum}`;
  return bounded ? ` of at most ${maximum}` : "";
}

function size({ minItems, maxItems }: SchemaNode): string {
  if (maxItems !== undefined) return ` of at most ${maxItems} items`;
  return minItems === undefined ? "" : ` of at least ${minItems} items`;
}
