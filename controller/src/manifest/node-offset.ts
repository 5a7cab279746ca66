import { type Document, type Pair, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { Path } from "../api/json-schema.ts";

/**
 * Offset in the text of the value at the path: a field counts from its key, a list item from its first character.
 * Where the path leaves what exists, the offset of the last step that does.
 */
export function nodeOffset(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  for (const step of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    const field = isMap(parent) ? parent.items.find((pair) => keyOf(pair) === String(step)) : undefined;
    node = field?.value ?? (isSeq(parent) ? parent.items[Number(step)] : undefined);
    offset = start(field?.key ?? node) ?? offset;
  }
  return offset;
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : "";
}

function start(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
