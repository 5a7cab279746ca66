import { LanguageError } from "./language-error.ts";
import type { Codec } from "./value.ts";

/** Keys that have no name here, or whose value is of a kind unknown here, as they were found. */
export type Rest = Readonly<Record<string, string>>;

/** What every property string may hold besides the keys that it has names for. */
export interface Open {
  readonly rest?: Rest;
}

type Words = Pick<Shape<Open>, "option" | "defaultKey" | "aliases">;
type Named<T extends Open> = Required<Omit<T, "rest">>;
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** A property string's option by name, and its keys: the name here → Proxmox VE's key and how its value is written. */
export interface Shape<T extends Open> {
  readonly option: string;
  /** Key whose name is left out. */
  readonly defaultKey?: string;
  /** Other spellings of a key, which older versions wrote. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly fields: { readonly [K in keyof Named<T>]: readonly [key: string, codec: Codec<Named<T>[K]>] };
}

/** A language of `value,key=value,key=value`. What was decoded encodes to the same meaning, unknown keys included. */
export interface PropertyString<T extends Open> {
  /** Throws a {@link LanguageError} when the language cannot hold a value. */
  encode(value: Loose<T>): string;
  decode(text: string): T;
}

/** The language of one option. */
export function propertyString<T extends Open>(shape: Shape<T>): PropertyString<T> {
  const fields = Object.entries(shape.fields) as [string, readonly [string, Codec<unknown>]][];
  const byKey = new Map(fields.map(([name, [key, codec]]) => [key, { name, codec }]));
  return {
    encode(value) {
      const held = value as Readonly<Record<string, unknown>>;
      const named = fields.flatMap(([name, [key, codec]]): [string, string][] => {
        const one = held[name];
        if (one === undefined) return [];
        const text = codec.encode(one);
        if (text === undefined) throw new LanguageError(`${shape.option}.${key}`, one, codec.expects);
        return [[key, text]];
      });
      const others: Rest = value.rest ?? {};
      const rest = Object.entries(others).filter(([key]) => !named.some(([name]) => name === key));
      return [...named, ...rest].map((property) => print(property, shape)).join(",");
    },
    decode(text) {
      const known: [string, unknown][] = [];
      const rest: [string, string][] = [];
      for (const [key, value] of split(text, shape)) {
        const field = byKey.get(key);
        const decoded = field?.codec.decode(value);
        if (field === undefined || decoded === undefined) rest.push([key, value]);
        else known.push([field.name, decoded]);
      }
      const kept = rest.length === 0 ? {} : { rest: Object.fromEntries(rest) };
      return { ...Object.fromEntries(known), ...kept } as T;
    },
  };
}

/** No value of any key may hold these: a comma starts the next key, a newline the next option. */
const separators = /[,\p{Cc}]|^\s|\s$/u;

function print([key, value]: readonly [string, string], { option, defaultKey }: Words): string {
  const isBad =
    key === "" || value === "" || key.includes("=") || separators.test(key) || separators.test(value);
  if (isBad)
    throw new LanguageError(`${option}.${key}`, value, "free of commas, control characters and outer spaces");
  return key === defaultKey && !value.includes("=") ? value : `${key}=${value}`;
}

function split(text: string, { defaultKey, aliases = {} }: Words): [string, string][] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      if (at < 0) return defaultKey === undefined ? [part, ""] : [defaultKey, part];
      const key = part.slice(0, at);
      return [Object.hasOwn(aliases, key) ? (aliases[key] ?? key) : key, part.slice(at + 1)];
    });
}
