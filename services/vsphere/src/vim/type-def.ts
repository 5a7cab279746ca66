import type { ManagedObjectReference } from "./types.ts";

/** One type of the schema: what it extends, and its own fields in schema order. */
export interface TypeDef {
  readonly base?: string;
  /** Field → schema type, "[]" behind a repeated element. Insertion order is the order on the wire. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The schema types a TypeScript field type may stand for. */
type WireType<V> = [V] extends [readonly (infer E)[]]
  ? `${WireType<E>}[]`
  : unknown extends V
    ? "anyType"
    : [V] extends [boolean]
      ? "boolean"
      : [V] extends [number]
        ? "short" | "int" | "long"
        : [V] extends [string]
          ? "string" | "dateTime" | "base64Binary"
          : [V] extends [ManagedObjectReference]
            ? "ManagedObjectReference"
            : string;

/** The wire fields of T that its base does not have: all of them, each with a fitting schema type. */
type OwnFields<T, Base> = {
  readonly [K in Exclude<keyof T, keyof Base | "$type">]-?: WireType<Exclude<T[K], undefined>>;
};

/** Describes interface T; the compiler refuses a missing, unknown or mistyped field. */
export function define<T>(fields: OwnFields<T, unknown>): TypeDef {
  return { fields };
}

/** Describes interface T, an extension of Base. */
export function extend<T, Base>(base: string, fields: OwnFields<T, Base>): TypeDef {
  return { base, fields };
}

/** Describes types that differ from their base in name only. */
export function variants(base: string, names: readonly string[]): Record<string, TypeDef> {
  return Object.fromEntries(names.map((name) => [name, { base, fields: {} }]));
}
