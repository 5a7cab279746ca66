import type { z } from "zod";
import { expectation, fieldPath, shown, unknownField } from "./describe.ts";
import type { FieldProblem } from "./field-problem.ts";
import { identify } from "./identify.ts";
import { type Path, type SchemaNode, jsonSchema, nodeAt } from "./json-schema.ts";
import { type Resource, kinds } from "./kinds.ts";
import { isMapping } from "./mapping.ts";
import { normalise } from "./normalise.ts";
import { brokenRules } from "./rules.ts";

/** A validated object, or everything that is wrong with it. */
export type Parsed =
  | { readonly resource: Resource; readonly problems: readonly [] }
  | { readonly resource: undefined; readonly problems: readonly FieldProblem[] };

/**
 * Validates one object of any handled kind: YAML's spellings are normalised, then the schema and the rules between
 * fields are checked. All problems come at once; their messages hold no text of a confidential field.
 */
export function parseResource(value: unknown): Parsed {
  const identity = identify(value);
  if ("problem" in identity) return { resource: undefined, problems: [identity.problem] };
  const root = jsonSchema(identity.kind);
  const input = normalise(value, root);
  const result = kinds[identity.kind].safeParse(input);
  const wrong = result.success
    ? []
    : onePerField(result.error.issues.flatMap((issue) => explain(issue, root, input)));
  const problems = [
    ...wrong,
    ...brokenRules(
      identity.kind,
      input,
      wrong.map(({ path }) => path),
    ),
  ];
  return result.success && problems.length === 0
    ? { resource: result.data, problems: [] }
    : { resource: undefined, problems };
}

// One wrong value can break several checks, and one message says what all of them want.
function onePerField(problems: readonly FieldProblem[]): FieldProblem[] {
  return [...new Map(problems.map((problem) => [fieldPath(problem.path), problem])).values()];
}

function explain(issue: z.core.$ZodIssue, root: SchemaNode, input: unknown): FieldProblem[] {
  // Symbols cannot be keys of what YAML or JSON describe.
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownField(root, path, key) }));
  }
  const node = nodeAt(root, path) ?? {};
  const value = valueAt(input, path);
  const expected = `expected ${expectation(node)}`;
  return [
    {
      path,
      message: value === undefined ? `required: ${expected}` : `${expected}, got ${shown(value, node)}`,
    },
  ];
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const step of path) {
    value = Array.isArray(value) ? value[Number(step)] : isMapping(value) ? value[step] : undefined;
  }
  return value;
}
