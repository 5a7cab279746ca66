import { invalidArgument, violation } from "./errors/provider-error.ts";
import { pack, unpack } from "./opaque.ts";

const VERSION = "page1";
const DEFAULT_SIZE = 100;
const LARGEST = 1_000;

/** Makes the opaque token of the page that follows the item of this key. */
export function encodePageToken(lastKey: string): string {
  return pack(VERSION, [lastKey]);
}

/**
 * The key of the last item of the page before; undefined for the first page.
 * @throws ProviderError INVALID_ARGUMENT when the token is none of {@link encodePageToken}'s.
 */
export function decodePageToken(token: string): string | undefined {
  if (token === "") return undefined;
  const [lastKey] = unpack(VERSION, token) ?? [];
  if (lastKey !== undefined) return lastKey;
  throw invalidArgument([
    violation(
      "page_token",
      "INVALID_PAGE_TOKEN",
      "is not a token of this provider; use next_page_token as it was given",
    ),
  ]);
}

/** A page of things. */
export interface Page<T> {
  readonly items: T[];
  /** Empty: this was the last page. */
  readonly nextPageToken: string;
}

/**
 * Cuts a page out of all items in the order of their keys. A page starts after the last key of the one before, so that an
 * item which exists throughout a listing is listed exactly once, whatever comes and goes meanwhile.
 * @param keyOf unique and constant for an item's life.
 */
export function paginate<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { readonly pageSize: number; readonly pageToken: string },
): Page<T> {
  const after = decodePageToken(request.pageToken);
  const size = request.pageSize === 0 ? DEFAULT_SIZE : Math.min(request.pageSize, LARGEST);
  const rest = items
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    nextPageToken: rest.length > size && last !== undefined ? encodePageToken(last.key) : "",
  };
}
