import { type SchemaNode, child } from "./json-schema.ts";
import { isMapping } from "./mapping.ts";

/**
 * The object as Kubernetes would see it after kubectl: null fields are absent, and the words that YAML 1.1 takes for
 * booleans are booleans where the schema has one. Empty text is absent in an optional field, as the API always had it.
 * Everything else is left to validation.
 */
export function normalise(value: unknown, node: SchemaNode | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => normalise(item, node && child(node, 0)));
  if (isMapping(value)) {
    const present = Object.entries(value).filter(
      ([key, field]) => field !== null && !(field === "" && isOptional(node, key)),
    );
    return Object.fromEntries(
      present.map(([key, field]) => [key, normalise(field, node && child(node, key))]),
    );
  }
  if (typeof value === "string" && node !== undefined && takesBoolean(node)) return yaml11Boolean(value);
  return value;
}

// Entries of free mappings, such as a label or a Secret's key, are data: their empty text stays.
function isOptional(node: SchemaNode | undefined, key: string): boolean {
  return Object.hasOwn(node?.properties ?? {}, key) && !(node?.required ?? []).includes(key);
}

function takesBoolean(node: SchemaNode): boolean {
  return node.type === "boolean" || (node.anyOf ?? []).some((choice) => choice.type === "boolean");
}

function yaml11Boolean(word: string): string | boolean {
  if (/^(y|yes|on)$/i.test(word)) return true;
  return /^(n|no|off)$/i.test(word) ? false : word;
}
