import { type CST, Lexer, type LineCounter, Parser } from "yaml";

/** Deepest nesting of collections. The yaml package composes them recursively and, far deeper, kills the process. */
export const MAX_DEPTH = 100;

/** Most fields of a mapping. The yaml package looks for duplicate keys in quadratic time. */
const MAX_FIELDS = 1000;

// YAML allows no control characters but these; the lexer, besides, uses some of them as marks of its own.
const FORBIDDEN = /[^\P{Cc}\t\n\r\u0085]/u;

/** Text that no honest manifest holds. */
export class HostileYaml extends Error {
  override readonly name = "HostileYaml";
  /** Where it was noticed, in characters from the start of the text. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Tokens of a YAML text, for a composer; line starts go to `lines`.
 * @throws HostileYaml on control characters, and on nesting or mappings too large for the composer
 */
export function* tokens(text: string, lines: LineCounter): Generator<CST.Token> {
  lines.addNewLine(0);
  const forbidden = text.search(FORBIDDEN);
  if (forbidden >= 0) {
    throw new HostileYaml(countLines(text, forbidden, lines), "a control character is not allowed");
  }
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) {
      throw new HostileYaml(parser.offset, `nested more than ${MAX_DEPTH} levels deep`);
    }
    if (fields(parser.stack.at(-1)) > MAX_FIELDS) {
      throw new HostileYaml(parser.offset, `a mapping of more than ${MAX_FIELDS} fields`);
    }
  }
  yield* parser.end();
}

function countLines(text: string, offset: number, lines: LineCounter): number {
  for (const { index } of text.slice(0, offset).matchAll(/\n/g)) lines.addNewLine(index + 1);
  return offset;
}

function fields(token: CST.Token | undefined): number {
  const mapping =
    token?.type === "block-map" || (token?.type === "flow-collection" && token.start.source === "{");
  return mapping ? token.items.length : 0;
}
