import type { Major } from "../release.ts";
import type { Value, Values } from "./check.ts";
import type { PropertyFormat, Schema } from "./schema.ts";

/**
 * What 8 and newer make of parameters before they check them, as a form cannot tell a list of one from a text: a single value where a list
 * belongs is one, and a list where a text with commas belongs is that text.
 */
export function normalizeLists(values: Values, schemas: PropertyFormat, major: Major): Values {
  if (major < 8) return values;
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    Object.hasOwn(schemas, name) ? normalized(value, schemas[name]) : value,
  ]);
  return Object.fromEntries(entries) as Values;
}

function normalized(value: Value, schema: Schema | undefined): Value {
  // Perl's idea of what is nothing.
  if (value === undefined || value === "" || value === "0") return value;
  if (schema?.type === "array" && typeof value === "string") return [value];
  const isList = typeof schema?.format === "string" && schema.format.endsWith("-list");
  return isList && Array.isArray(value) ? value.map(String).join(",") : value;
}
