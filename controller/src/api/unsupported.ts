import { fieldPath } from "./describe.ts";
import type { Path } from "./json-schema.ts";
import type { Resource } from "./kinds.ts";
import { isMapping } from "./mapping.ts";
import { type UnsupportedField, unsupported } from "./unsupported-fields.ts";

/** A field of one object that asks for what cannot be done. */
export interface Refusal {
  /** The field as people write it: "spec.disks[1].type". */
  readonly path: string;
  /** Why, and what to do instead. */
  readonly message: string;
}

/**
 * Fields of a valid object that ask for something no provider can do; they are to be refused by a condition that names
 * them. A value that asks for nothing (a security flag's false, the API's own default) is not among them.
 */
export function unsupportedFields(resource: Resource): Refusal[] {
  return (unsupported[resource.kind] ?? []).flatMap((field) =>
    asked(resource, steps(field.path), field).map((path) => ({
      path: fieldPath(path),
      message: field.message,
    })),
  );
}

function steps(path: string): readonly string[] {
  return path.replaceAll("[]", ".[]").split(".");
}

function asked(value: unknown, [step, ...rest]: readonly string[], field: UnsupportedField): Path[] {
  if (step === "[]") {
    const items = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) => asked(item, rest, field).map((path) => [index, ...path]));
  }
  if (step === undefined || !isMapping(value) || value[step] === undefined) return [];
  if (rest.length > 0) return asked(value[step], rest, field).map((path) => [step, ...path]);
  return (field.asks ?? (() => true))(value[step], value) ? [[step]] : [];
}
