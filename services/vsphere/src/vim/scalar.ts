const INTEGER_BITS = { byte: 8, short: 16, int: 32 } as const;

const TEXT = new Set(["string", "dateTime", "base64Binary"]);
const NUMBER = new Set(["byte", "short", "int", "long", "float", "double"]);

/** Whether the schema type is text, number or boolean rather than a data object. */
export function isScalar(type: string): boolean {
  return type === "boolean" || TEXT.has(type) || NUMBER.has(type);
}

/** Characters that XML 1.0 cannot carry, not even escaped. */
const UNSENDABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Writes a scalar as XML Schema spells it. Throws a message without a place: the caller knows it. */
export function encodeScalar(type: string, value: unknown): string {
  if (type === "boolean" && typeof value === "boolean") return String(value);
  if (TEXT.has(type) && typeof value === "string") return sendable(value);
  if (NUMBER.has(type) && typeof value === "number" && fits(type, value)) return String(value);
  throw new TypeError(`needs ${type}, got ${typeof value === "number" ? value : typeof value}`);
}

/** The XML Schema type under which a scalar travels in an anyType field. */
export function scalarTypeOf(value: unknown): string | undefined {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "string";
  if (typeof value !== "number") return undefined;
  return fits("int", value) ? "int" : fits("long", value) ? "long" : "double";
}

/**
 * Reads a scalar. 64-bit integers become numbers: past 2^53 (the server's "no limit" values) they are rounded.
 * Throws a message without a place: the caller knows it.
 */
export function decodeScalar(type: string, text: string): string | number | boolean {
  if (TEXT.has(type)) return text;
  const trimmed = text.trim();
  if (type === "boolean") {
    if (trimmed === "true" || trimmed === "1") return true;
    if (trimmed === "false" || trimmed === "0") return false;
  } else if (NUMBER.has(type) && trimmed !== "") {
    const value = Number(trimmed);
    if (!Number.isNaN(value)) return value;
  }
  throw new TypeError(`is not a ${type}`);
}

/** npm soap sends text that looks like a CDATA section unescaped: whoever can set it could write XML of their own. */
function sendable(text: string): string {
  if (UNSENDABLE.test(text)) throw new TypeError("has a character that XML cannot carry");
  if (text.startsWith("<![CDATA[")) throw new TypeError("must not begin like a CDATA section");
  return text;
}

function fits(type: string, value: number): boolean {
  if (type === "float" || type === "double") return Number.isFinite(value);
  if (!Number.isSafeInteger(value)) return false;
  const bits = INTEGER_BITS[type as keyof typeof INTEGER_BITS];
  return bits === undefined || (value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1));
}
