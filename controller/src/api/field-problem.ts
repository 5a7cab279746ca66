import type { Path } from "./json-schema.ts";

/** What is wrong with one field of an object, and what was expected. */
export interface FieldProblem {
  /** Steps from the object to the field; empty for the object as a whole. */
  readonly path: Path;
  readonly message: string;
}
