/** One parameter or one key of a property string, in the vocabulary of PVE::JSONSchema. */
export interface Schema {
  readonly type: "string" | "integer" | "number" | "boolean" | "array" | "alias";
  readonly required?: boolean;
  /** A named format, or the keys of a property string. */
  readonly format?: string | PropertyFormat;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  /** Another parameter that must be there too. */
  readonly requires?: string;
  /** Its value may be given without its name in a property string. */
  readonly defaultKey?: boolean;
  /** Another name of that key. */
  readonly alias?: string;
  /** With `alias`: the name itself is the value of that key (`virtio=MAC` says model=virtio). */
  readonly keyAlias?: string;
  readonly items?: Schema;
}

/** The keys of a property string, `key=value,key=value`. */
export type PropertyFormat = Readonly<Record<string, Schema>>;

type Extras = Omit<Schema, "type">;

export const flag = (extras: Extras = {}): Schema => ({ type: "boolean", ...extras });
export const integer = (minimum?: number, maximum?: number): Schema => ({
  type: "integer",
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
});
export const decimal = (minimum?: number, maximum?: number): Schema => ({
  ...integer(minimum, maximum),
  type: "number",
});
export const text = (extras: Extras = {}): Schema => ({ type: "string", ...extras });
/** A string of a named format. */
export const formatted = (format: string, extras: Extras = {}): Schema => text({ format, ...extras });
/** A string that matches a regular expression from start to end. */
export const matching = (pattern: string, extras: Extras = {}): Schema => text({ pattern, ...extras });
/** One of these words. */
export const choice = (...words: readonly string[]): Schema => text({ enum: words });
/** A property string with these keys. */
export const properties = (format: PropertyFormat): Schema => text({ format });
/** Another name for a key. */
export const alias = (target: string, keyAlias?: string): Schema => ({
  type: "alias",
  alias: target,
  ...(keyAlias === undefined ? {} : { keyAlias }),
});

export const required = (schema: Schema): Schema => ({ ...schema, required: true });
/** The key whose name may be left out. */
export const defaultKey = (schema: Schema): Schema => ({ ...schema, defaultKey: true });
