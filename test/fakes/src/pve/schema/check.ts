import type { PropertyFormat, Schema } from "./schema.ts";

/** A parameter as it came out of a form, a query or a JSON body; numbers are already text, as Perl sees them. */
export type Value = string | boolean | undefined | readonly Value[] | { readonly [key: string]: Value };
/** Parameters, or the keys of one property string. */
export type Values = Record<string, Value>;

/** What a named format is: a function that throws a FormatError, or the keys of a property string. */
export type NamedFormat = ((value: string) => void) | PropertyString;
export interface PropertyString {
  readonly keys: PropertyFormat;
  /** Looks at the parsed keys together; throws a FormatError. */
  readonly validate?: (parsed: Values) => void;
}
export type FormatBook = Readonly<Record<string, NamedFormat>>;

/** Messages by parameter, as a 400 carries them. */
export type Problems = Record<string, string>;

/** A value that does not have its format; the message is PVE's, with its line feed. */
export class FormatError extends Error {}

/** Checks parameters against their schemas as PVE::JSONSchema::check_object does. */
export function checkValues(
  values: Values,
  schemas: PropertyFormat,
  book: FormatBook,
  path = "",
  // Without a prototype: a parameter may be called __proto__.
  problems: Problems = Object.create(null) as Problems,
): Problems {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  for (const [name, schema] of Object.entries(schemas))
    checkOne(values[name], schema, at(name), book, problems);
  for (const name of Object.keys(values)) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (schema === undefined) {
      add(
        problems,
        at(name),
        "property is not defined in schema and the schema does not allow additional properties",
      );
    } else if (schema.requires !== undefined && values[schema.requires] === undefined) {
      add(problems, at(schema.requires), `missing property required by '${at(name)}'`);
    }
  }
  return problems;
}

/** Parses a property string; throws a FormatError. */
export function parsePropertyString(
  format: PropertyString,
  data: string,
  book: FormatBook,
  path = "",
): Record<string, string> {
  const parsed: Record<string, string> = {};
  let bare = "";
  for (const part of data.split(",")) {
    if (part.trim() === "") continue;
    const pair = /^([^=]+)=(.+)$/s.exec(part);
    if (pair !== null) {
      takePair(parsed, format.keys, pair[1] as string, pair[2] as string);
    } else if (part.includes("=")) {
      throw new FormatError("missing key in comma-separated list property\n");
    } else {
      if (bare !== "") throw new FormatError(`duplicate key in comma-separated list property: ${bare}\n`);
      bare = takeBare(parsed, format.keys, part);
    }
  }
  const problems = checkValues(parsed, format.keys, book, path);
  const lines = Object.entries(problems).map(([name, message]) => `${name}: ${message}\n`);
  if (lines.length > 0) throw new FormatError(`format error\n${lines.join("")}`);
  format.validate?.(parsed);
  return parsed;
}

function takePair(parsed: Record<string, string>, format: PropertyFormat, name: string, value: string): void {
  if (parsed[name] !== undefined)
    throw new FormatError(`duplicate key in comma-separated list property: ${name}\n`);
  let key = name;
  const given = Object.hasOwn(format, name) ? format[name] : undefined;
  if (given?.alias !== undefined) {
    if (given.keyAlias !== undefined) {
      if (parsed[given.keyAlias] !== undefined)
        throw new FormatError(`key alias '${given.keyAlias}' is already defined\n`);
      parsed[given.keyAlias] = name;
    }
    key = given.alias;
    if (parsed[key] !== undefined) throw new FormatError(`key '${key}' is already defined (via alias)\n`);
  }
  const schema = Object.hasOwn(format, key) ? format[key] : undefined;
  if (schema === undefined) throw new FormatError(`invalid key in comma-separated list property: ${name}\n`);
  parsed[key] = schema.type === "boolean" ? booleanText(value) : value;
}

function takeBare(parsed: Record<string, string>, format: PropertyFormat, value: string): string {
  const entry = Object.entries(format).find(([, schema]) => schema.defaultKey);
  if (entry === undefined)
    throw new FormatError("value without key, but schema does not define a default key\n");
  const [key, schema] = entry;
  if (parsed[key] !== undefined)
    throw new FormatError(`duplicate key in comma-separated list property: ${key}\n`);
  parsed[key] = schema.type === "boolean" ? booleanText(value) : value;
  return key;
}

function booleanText(value: string): string {
  if (/^(1|on|yes|true)$/i.test(value)) return "1";
  if (/^(0|off|no|false)$/i.test(value)) return "0";
  return value;
}

function checkOne(value: Value, schema: Schema, path: string, book: FormatBook, problems: Problems): void {
  if (schema.type === "alias") return;
  if (value === undefined) {
    if (schema.required) add(problems, path, "property is missing and it is not optional");
    return;
  }
  const wrongType = typeProblem(value, schema.type);
  if (wrongType !== undefined) return add(problems, path, wrongType);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined)
      value.forEach((item, index) => void checkOne(item, items, `${path}[${index}]`, book, problems));
  } else if (typeof value === "string") {
    const problem = textProblem(value, schema, path, book);
    if (problem !== undefined) add(problems, path, problem);
  }
}

function typeProblem(value: NonNullable<Value>, type: Schema["type"]): string | undefined {
  const failed = `type check ('${type}') failed`;
  if (type === "array") return Array.isArray(value) ? undefined : failed;
  if (typeof value === "boolean") return type === "boolean" ? undefined : `${failed} - got JSON::PP::Boolean`;
  if (typeof value === "object") return `${failed} - got ${Array.isArray(value) ? "ARRAY" : "HASH"}`;
  const shape = shapes[type];
  return shape === undefined || shape.test(value) ? undefined : `${failed} - got '${value}'`;
}

const number = /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/;
const shapes: Partial<Record<Schema["type"], RegExp>> = {
  boolean: /^[01]$/,
  integer: /^[+-]?\d+$/,
  number,
};

function textProblem(value: string, schema: Schema, path: string, book: FormatBook): string | undefined {
  const badFormat = schema.format === undefined ? undefined : formatProblem(schema.format, value, path, book);
  if (badFormat !== undefined) return `invalid format - ${badFormat}`;
  if (schema.pattern !== undefined && !new RegExp(`^${schema.pattern}$`).test(value))
    return "value does not match the regex pattern";
  if (schema.maxLength !== undefined && [...value].length > schema.maxLength)
    return `value may only be ${schema.maxLength} characters long`;
  if (number.test(value)) {
    if (schema.maximum !== undefined && Number(value) > schema.maximum)
      return `value must have a maximum value of ${schema.maximum}`;
    if (schema.minimum !== undefined && Number(value) < schema.minimum)
      return `value must have a minimum value of ${schema.minimum}`;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return `value '${value}' does not have a value in the enumeration '${schema.enum.join(", ")}'`;
  return undefined;
}

function formatProblem(
  format: string | PropertyFormat,
  value: string,
  path: string,
  book: FormatBook,
): string | undefined {
  try {
    if (typeof format === "string") checkNamed(format, value, path, book);
    else parsePropertyString({ keys: format }, value, book, path);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

function checkNamed(format: string, value: string, path: string, book: FormatBook): void {
  const list = /^(.*)-list$/.exec(format);
  const named = book[list?.[1] ?? format];
  if (named === undefined)
    throw new Error(`format '${format}' is not in the book: a mistake in a schema table`);
  if (typeof named !== "function") parsePropertyString(named, value, book, path);
  else if (list !== null) for (const item of splitList(value)) named(item);
  else named(value);
}

/** Splits a list as PVE does: at commas, semicolons, white space, or NUL alone if there is one. */
export function splitList(list: string): string[] {
  if (list.includes("\0")) return list.split("\0").filter((item) => item !== "");
  return list.split(/[,;\s]+/).filter((item) => item !== "");
}

function add(problems: Problems, path: string, message: string): void {
  // PVE joins with a backslash and an n: its source has '\n' in single quotes.
  problems[path] = problems[path] === undefined ? message : `${problems[path]}\\n${message}`;
}
