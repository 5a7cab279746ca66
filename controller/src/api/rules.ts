import type { FieldProblem } from "./field-problem.ts";
import type { Path } from "./json-schema.ts";
import type { Kind, Resource, ResourceOf } from "./kinds.ts";
import { imageRules } from "./rules-image.ts";
import { machineRules } from "./rules-machine.ts";
import { classRules } from "./rules-class.ts";

/** A condition between fields of one object that a schema cannot express. */
export interface Rule<R extends Resource> {
  /** Stable name, kebab-case. */
  readonly name: string;
  /** Field that the problem is reported at, dotted. */
  readonly field: string;
  /** Every field that `holds` reads, dotted. The rule is skipped while one of them is wrong in itself. */
  readonly reads: readonly string[];
  readonly message: string;
  readonly holds: (resource: R) => boolean;
}

/** The rules of every kind that has some. */
export const rules: { readonly [K in Kind]?: readonly Rule<ResourceOf<K>>[] } = {
  VMClass: classRules,
  VMImage: imageRules,
  VirtualMachine: machineRules,
};

/**
 * Problems of the rules that do not hold for a normalised object of the kind. `wrong` are the paths that failed the
 * schema: a rule that reads one of them says nothing, so that one mistake is reported once.
 */
export function brokenRules(kind: Kind, input: unknown, wrong: readonly Path[]): FieldProblem[] {
  return rulesOf(kind)
    .filter((rule) => !rule.reads.some((field) => wrong.some((path) => overlaps(path, field.split(".")))))
    .filter((rule) => !rule.holds(input as Resource))
    .map((rule) => ({ path: rule.field.split("."), message: rule.message }));
}

// A rule reads only fields that passed the schema, so the input may pass for a resource in its hands.
function rulesOf(kind: Kind): readonly Rule<Resource>[] {
  return (rules[kind] ?? []) as readonly Rule<Resource>[];
}

function overlaps(path: Path, field: readonly string[]): boolean {
  const shared = Math.min(path.length, field.length);
  return path.slice(0, shared).every((step, index) => step === field[index]);
}
