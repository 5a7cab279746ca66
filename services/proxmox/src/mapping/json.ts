/** Whatever an answer of the API holds: looked at, never trusted. */
export type Json = unknown;

/** The members of an object; none of anything else. */
export const membersOf = (value: Json): Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {};

/** The members of each object of a list; none of anything else. */
export const listOf = (value: Json): Readonly<Record<string, Json>>[] =>
  Array.isArray(value) ? value.map(membersOf) : [];

/** A text, or a number's digits; "" for anything else. */
export const textOf = (value: Json): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** A number that is at least 0, also when it came as text; undefined for anything else. */
export function numberOf(value: Json): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** 1, "1" and true; anything else is false. */
export const flagOf = (value: Json): boolean => value === 1 || value === "1" || value === true;

/** The words of "a,b,c". */
export const wordsOf = (value: Json): string[] =>
  textOf(value)
    .split(/[\s,;]+/)
    .filter((word) => word !== "");
