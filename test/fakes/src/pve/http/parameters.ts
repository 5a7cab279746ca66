import type { Major } from "../release.ts";
import type { Value, Values } from "../schema/check.ts";
import { HttpError } from "./http-error.ts";

/** Reads a form or a query as PVE does: pairs between & and ;, a value ends at the next =. */
export function decodeForm(data: string, major: Major): Values {
  // Without a prototype: a parameter may be called __proto__.
  const values = Object.create(null) as Values;
  for (const pair of data.split(/[&;]/)) {
    if (pair === "") continue;
    const [rawName = "", rawValue] = pair.split("=");
    const name = unescape(rawName);
    const value = rawValue === undefined ? undefined : unescape(rawValue);
    const before = values[name];
    if (value === undefined || before === undefined) values[name] = value;
    else values[name] = together(before, value, major);
  }
  return values;
}

/** A parameter that comes twice is a list; up to 7 one text with NUL between. */
function together(before: Value, value: string, major: Major): Value {
  if (major < 8) return `${String(before)}\0${value}`;
  return Array.isArray(before) ? [...before, value] : [before, value];
}

function unescape(text: string): string {
  const bytes = text
    .replaceAll("+", " ")
    .replace(/%([0-9a-fA-F]{2})|[^\x20-\x7e]+/g, (match, hex: string | undefined) =>
      hex === undefined
        ? Buffer.from(match, "utf8").toString("latin1")
        : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Reads a JSON body. Numbers become text, as they are to Perl. Throws an HttpError. */
export function decodeJson(data: string, major: Major): Values {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    throw new HttpError(
      500,
      `malformed JSON string, neither tag, array, object, number, string or atom, at ${data.length}`,
    );
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new HttpError(500, "Not a HASH reference");
  const entries = Object.entries(parsed).map(([name, value]): [string, Value] => [name, fromJson(value)]);
  return Object.fromEntries(major < 8 ? entries.map(([name, value]) => [name, asInForm(value)]) : entries);
}

function fromJson(value: unknown): Value {
  if (typeof value === "number") return String(value);
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fromJson(inner)]));
  return value as string | boolean;
}

/**
 * Up to 7 the proxy passed a JSON body on as a form: a list became one text with NUL between. JSON's true is not
 * taken for 1 there either, as only 8 began to know it.
 */
function asInForm(value: Value): Value {
  return Array.isArray(value) || typeof value === "boolean" ? [value].flat().map(String).join("\0") : value;
}
