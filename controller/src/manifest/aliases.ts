import { type Document, visit } from "yaml";
import { MAX_DEPTH } from "./tokens.ts";

/**
 * What is wrong with a document's aliases, and where: one without an anchor, one inside what it stands for, or more of
 * them than a manifest can need. Messages do not quote the alias: it may be a password that lacks its quotes.
 */
export function aliasError(document: Document.Parsed): { offset: number; message: string } | undefined {
  const anchors = new Set<string>();
  let unresolved: number | undefined;
  visit(document, {
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_, alias) {
      if (anchors.has(alias.source)) return undefined;
      unresolved = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  if (unresolved !== undefined) {
    return { offset: unresolved, message: "alias without an anchor: a text that begins with * needs quotes" };
  }
  return expands(document)
    ? undefined
    : { offset: 0, message: "the aliases expand to too much, or contain themselves" };
}

function expands(document: Document.Parsed): boolean {
  try {
    return !deeperThan(document.toJS(), MAX_DEPTH);
  } catch (error) {
    // The yaml package's limit of what aliases may stand for together.
    if (error instanceof ReferenceError) return false;
    throw error;
  }
}

// An alias inside what it stands for makes a cycle: infinitely deep.
function deeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => deeperThan(item, depth - 1));
}
