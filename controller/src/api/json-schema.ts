import { z } from "zod";
import { type Kind, kinds } from "./kinds.ts";
import { isMapping } from "./mapping.ts";

/** A node of a kind's JSON schema. */
export type SchemaNode = z.core.JSONSchema.BaseSchema;

/** Steps from an object to one of its values: names of fields and positions in lists. */
export type Path = readonly (string | number)[];

const schemas = new Map<Kind, SchemaNode>();

/** What the kind accepts, as JSON schema (of the manifest, before normalisation). */
export function jsonSchema(kind: Kind): SchemaNode {
  const known = schemas.get(kind) ?? z.toJSONSchema(kinds[kind], { io: "input" });
  schemas.set(kind, known);
  return known;
}

/** The node that describes the value at the path; undefined below an unknown field or a free-form structure. */
export function nodeAt(root: SchemaNode, path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) node = node && child(node, step);
  return node;
}

/** The node of a mapping's field or a list's item. */
export function child(node: SchemaNode, step: string | number): SchemaNode | undefined {
  if (typeof step === "number") return asNode(node.items);
  const properties = node.properties ?? {};
  return asNode(Object.hasOwn(properties, step) ? properties[step] : node.additionalProperties);
}

function asNode(value: unknown): SchemaNode | undefined {
  return isMapping(value) ? value : undefined;
}
