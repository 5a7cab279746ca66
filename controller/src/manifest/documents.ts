import { Composer, type Document, LineCounter } from "yaml";
import type { Path } from "../api/json-schema.ts";
import { aliasError } from "./aliases.ts";
import { nodeOffset } from "./node-offset.ts";
import type { Position } from "./problem.ts";
import { HostileYaml, tokens } from "./tokens.ts";

/** One YAML document: its value and where the parts of it stand, or what is wrong with it. */
export interface YamlDocument {
  /** Position among the file's documents, from 1. */
  readonly number: number;
  /** The first syntax error; the ones after it are mostly its echo. The message quotes nothing of the file. */
  readonly error?: Position & { readonly message: string };
  /** Plain data; null when the document is empty or has an error. */
  readonly value: unknown;
  /** Position of the field or list item at the path, or of the nearest one above it that exists. */
  readonly positionOf: (path: Path) => Position;
}

/**
 * Splits YAML (and so JSON) text into its documents: YAML 1.2 core schema, as kubectl with merge keys. Unknown tags and
 * text made to exhaust memory, stack or time are errors; one of those ends the file.
 */
export function* readDocuments(text: string): Generator<YamlDocument> {
  const lines = new LineCounter();
  const composer = new Composer({ schema: "core", merge: true, prettyErrors: false });
  let number = 0;
  try {
    for (const document of composer.compose(tokens(text, lines), false, text.length)) {
      number += 1;
      yield read(document, number, (offset) => position(lines, offset));
    }
  } catch (error) {
    if (!(error instanceof HostileYaml)) throw error;
    const place = position(lines, error.offset);
    yield {
      number: number + 1,
      error: { ...place, message: error.message },
      value: null,
      positionOf: () => place,
    };
  }
}

function read(document: Document.Parsed, number: number, at: (offset: number) => Position): YamlDocument {
  const positionOf = (path: Path) => at(nodeOffset(document, path));
  const error = syntaxError(document) ?? aliasError(document);
  if (error !== undefined) {
    return { number, error: { ...at(error.offset), message: error.message }, value: null, positionOf };
  }
  return { number, value: document.toJS(), positionOf };
}

interface LocatedError {
  readonly offset: number;
  readonly message: string;
}

function syntaxError({ errors, warnings }: Document.Parsed): LocatedError | undefined {
  const [error] = [...errors, ...warnings];
  if (error === undefined) return undefined;
  // Messages that repeat the file's text are cut: it may be a password that lacks its quotes.
  const message =
    error.code === "TAG_RESOLVE_FAILED"
      ? "unknown tag: a text that begins with ! needs quotes"
      : error.message.replace(/^(Unexpected|Block scalar header)([^:]*): .*$/s, "$1$2");
  return { offset: error.pos[0], message };
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
