import { decodeScalar, isScalar } from "../vim/scalar.ts";
import { type FieldDef, fieldDef, fieldsOf } from "../vim/type-table.ts";

/** What an element's attributes say of it. */
export interface ElementType {
  /** Local name of its xsi:type. */
  readonly name?: string;
  /** The plain `type` attribute of managed object references. */
  readonly reference?: string;
  readonly isNil: boolean;
}

/** One open element: what its children are, and what it is worth once closed. */
export interface Frame {
  /** Declared type of a child, or undefined to skip the child with everything below it. */
  child(name: string): FieldDef | undefined;
  /** Takes a closed child; an undefined value is xsi:nil. */
  add(name: string, field: FieldDef, value: unknown): void;
  /** The element's value, given its text. Throws on text that is not of its type. */
  close(text: string): unknown;
}

const ANY: FieldDef = { type: "anyType", repeated: false };

/** Chooses how to read an element that the schema declares as `declared`. */
export function frameFor(declared: string, element: ElementType): Frame {
  const actual = element.name ?? declared;
  if (isScalar(actual)) return scalarFrame(actual);
  if (actual === "ManagedObjectReference") return referenceFrame(element.reference);
  if (actual.startsWith("ArrayOf")) return arrayFrame(itemType(actual));
  const $type = actual === declared ? undefined : actual;
  const fields = fieldsOf(actual);
  if (fields !== undefined) return objectFrame(fields, undefined, $type);
  // A kind newer or rarer than the table: the declared type's fields are typed, its own are kept as found.
  const declaredFields = fieldsOf(declared);
  if (declaredFields !== undefined) return objectFrame(declaredFields, ANY, $type);
  return untypedFrame($type, element.reference);
}

/** Reads the children named in `fields`; others as `rest`, or not at all. */
export function objectFrame(
  fields: ReadonlyMap<string, FieldDef>,
  rest: FieldDef | undefined,
  $type: string | undefined,
): Frame {
  const value: Record<string, unknown> = $type === undefined ? {} : { $type };
  return {
    child: (name) => fields.get(name) ?? rest,
    add(name, field, child) {
      if (child === undefined) return;
      if (field === rest) value[name] = Object.hasOwn(value, name) ? [value[name], child].flat() : child;
      else if (field.repeated) ((value[name] ??= []) as unknown[]).push(child);
      else value[name] = child;
    },
    close: () => value,
  };
}

/** Scalars keep nothing between open and close, so that all of a type share one frame. */
const scalarFrames = new Map<string, Frame>();

function scalarFrame(type: string): Frame {
  const known = scalarFrames.get(type);
  if (known !== undefined) return known;
  const frame: Frame = { child: () => undefined, add() {}, close: (text) => decodeScalar(type, text) };
  scalarFrames.set(type, frame);
  return frame;
}

function referenceFrame(type: string | undefined): Frame {
  return { child: () => undefined, add() {}, close: (value) => ({ type: type ?? "", value }) };
}

function arrayFrame(type: string): Frame {
  const items: unknown[] = [];
  const field = fieldDef(type);
  return { child: () => field, add: (_name, _field, item) => items.push(item), close: () => items };
}

/** Without a schema an element is an object if it has children, a reference if it says so, else its text. */
function untypedFrame($type: string | undefined, reference: string | undefined): Frame {
  const inner = objectFrame(new Map(), ANY, $type);
  let isObject = false;
  return {
    child: inner.child,
    add(name, field, value) {
      isObject = true;
      inner.add(name, field, value);
    },
    close(text) {
      if (isObject) return inner.close(text);
      return reference === undefined ? text : { type: reference, value: text };
    },
  };
}

/** ArrayOfString holds xsd:string, ArrayOfVirtualDevice holds VirtualDevice. */
function itemType(arrayType: string): string {
  const item = arrayType.slice("ArrayOf".length);
  const scalar = item.charAt(0).toLowerCase() + item.slice(1);
  return isScalar(scalar) || scalar === "anyType" ? scalar : item;
}
