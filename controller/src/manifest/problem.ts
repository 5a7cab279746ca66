/** Place in a file; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where an object was read: the file, the YAML document within it (from 1) and the position of its first character. */
export interface Source extends Position {
  readonly file: string;
  readonly document: number;
}

/** Something wrong with a manifest. What could not be told, such as the name in a file that is no YAML, is absent. */
export interface ManifestProblem extends Partial<Source> {
  readonly file: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The field, such as "spec.performanceProfile.nestedVirtualization"; absent: the object as a whole. */
  readonly field?: string;
  /** What is wrong and what was expected. Holds no value of a Secret. */
  readonly message: string;
}

/** One line: `vm.yaml:12:5 (document 2, VMClass default/big) spec.cpu: expected an integer from 1 to 128, got "eight"`. */
export function formatProblem(problem: ManifestProblem): string {
  const { file, line, column, field, message } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  const context = [documentName(problem), objectName(problem)].filter((part) => part !== "").join(", ");
  const words = [place, context === "" ? "" : `(${context})`, field ?? ""].filter((part) => part !== "");
  // A file or field name can hold control characters that would reach the operator's terminal.
  return `${words.join(" ")}: ${message}`.replace(/\p{Cc}/gu, "?");
}

function documentName({ document }: ManifestProblem): string {
  return document === undefined ? "" : `document ${document}`;
}

/** An object by kind and name: "VMClass default/big"; less when less is known. */
export function objectName({
  kind,
  namespace,
  name,
}: Pick<ManifestProblem, "kind" | "namespace" | "name">): string {
  const path = name === undefined ? "" : `${namespace ?? "default"}/${name}`;
  return [kind ?? "", path].filter((part) => part !== "").join(" ");
}
