import { encodeScalar, isScalar, scalarTypeOf } from "./scalar.ts";
import { type FieldDef, fieldsOf, isA, ownFields } from "./type-table.ts";
import type { TypeDef } from "./type-def.ts";

/** An element as npm soap serialises it: attributes, then text or child elements in insertion order. */
export interface SoapElement {
  attributes?: Record<string, string>;
  $value?: string;
  [child: string]: SoapElement | SoapElement[] | Record<string, string> | string | undefined;
}

/**
 * Lays out a data object for npm soap with its fields in schema order, whatever their insertion order: soap
 * itself does not order the fields of derived types (node-soap issue 1530), and vCenter's parser is strict.
 * Throws TypeError naming type and field for anything the type table does not know or a value that does not fit.
 */
export function toSoap(typeName: string, value: object): SoapElement {
  const fields = fieldsOf(typeName);
  if (fields === undefined) throw new TypeError(`${typeName}: not in the vim25 type table`);
  return orderFields(typeName, fields, value);
}

/** The same for the arguments of an operation. */
export function argumentsToSoap(operation: string, args: TypeDef, value: object): SoapElement {
  return orderFields(operation, new Map(ownFields(args)), value);
}

function orderFields(owner: string, fields: ReadonlyMap<string, FieldDef>, value: object): SoapElement {
  const given = new Map(Object.entries(value).filter(([name, v]) => name !== "$type" && v !== undefined));
  const element: SoapElement = {};
  for (const [name, def] of fields) {
    if (!given.has(name)) continue;
    element[name] = repeat(`${owner}.${name}`, def, given.get(name));
    given.delete(name);
  }
  const [unknown] = given.keys();
  if (unknown !== undefined) throw new TypeError(`${owner} has no field "${unknown}"`);
  return element;
}

function repeat(where: string, def: FieldDef, value: unknown): SoapElement | SoapElement[] {
  if (!def.repeated) return encode(where, def.type, value);
  if (!Array.isArray(value)) throw new TypeError(`${where}: needs an array`);
  return value.map((item, i) => encode(`${where}[${i}]`, def.type, item));
}

function encode(where: string, type: string, value: unknown): SoapElement {
  if (type === "anyType") return encodeAny(where, value);
  if (isScalar(type)) return { $value: scalar(where, type, value) };
  if (typeof value !== "object" || value === null) throw new TypeError(`${where}: needs ${type}`);
  if (type === "ManagedObjectReference") return encodeReference(where, value);
  return encodeObject(where, type, value);
}

/** xsi:type is written where, and only where, the value's type is not the declared one. */
function encodeObject(where: string, declared: string, value: object): SoapElement {
  const actual = "$type" in value ? String(value.$type) : declared;
  if (!isA(actual, declared)) throw new TypeError(`${where}: ${actual} is not a known kind of ${declared}`);
  const fields = toSoap(actual, value);
  return actual === declared ? fields : { attributes: { "xsi:type": actual }, ...fields };
}

function encodeAny(where: string, value: unknown): SoapElement {
  const scalarType = scalarTypeOf(value);
  if (scalarType !== undefined) {
    return { attributes: { "xsi:type": `xsd:${scalarType}` }, $value: scalar(where, scalarType, value) };
  }
  if (typeof value !== "object" || value === null || !("$type" in value)) {
    throw new TypeError(`${where}: needs a string, number, boolean or an object with $type`);
  }
  return { attributes: { "xsi:type": String(value.$type) }, ...toSoap(String(value.$type), value) };
}

function encodeReference(where: string, value: object): SoapElement {
  if (!("type" in value && "value" in value)) throw new TypeError(`${where}: needs {type, value}`);
  const type = scalar(`${where}.type`, "string", value.type);
  return { attributes: { type }, $value: scalar(`${where}.value`, "string", value.value) };
}

function scalar(where: string, type: string, value: unknown): string {
  try {
    return encodeScalar(type, value);
  } catch (cause) {
    throw new TypeError(`${where}: ${(cause as Error).message}`, { cause });
  }
}
