/** How one kind of value is written inside an option. */
export interface Codec<T> {
  /** What a value must be, for errors: "an integer from 1 to 4094". */
  readonly expects: string;
  /** undefined: the language cannot hold the value. */
  encode(value: T): string | undefined;
  /** undefined: no value of this kind, perhaps one of a newer version. */
  decode(text: string): T | undefined;
}

const on = /^(?:1|on|yes|true)$/i;
const off = /^(?:0|off|no|false)$/i;

export const flag: Codec<boolean> = {
  expects: "true or false",
  encode: (value) => (value ? "1" : "0"),
  decode: (text) => (on.test(text) ? true : off.test(text) ? false : undefined),
};

/** Text of certain characters; `pattern` must match all of it, and never a comma or a control character. */
export function text(pattern: RegExp, expects: string): Codec<string> {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags);
  const checked = (value: string) => (whole.test(value) ? value : undefined);
  return { expects, encode: checked, decode: checked };
}

export function choice<const T extends string>(...words: readonly T[]): Codec<T> {
  const known = (value: string) => words.find((word) => word === value);
  return { expects: `one of ${words.join(", ")}`, encode: known, decode: known };
}

export function integer(least: number, most: number): Codec<number> {
  const fits = (value: number) => Number.isInteger(value) && value >= least && value <= most;
  return {
    expects: `an integer from ${least} to ${most}`,
    encode: (value) => (fits(value) ? String(value) : undefined),
    decode: (digits) => (/^\d+$/.test(digits) && fits(Number(digits)) ? Number(digits) : undefined),
  };
}

const plainDecimal = /^\d+(?:\.\d+)?$/;

export const decimal: Codec<number> = {
  expects: "a number of at least 0",
  encode: (value) => (plainDecimal.test(String(value)) ? String(value) : undefined),
  decode: (digits) => (plainDecimal.test(digits) ? Number(digits) : undefined),
};

/** Several values with `;` between. */
export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  const every = <A, B>(from: readonly A[], turn: (one: A) => B | undefined): B[] | undefined => {
    const turned = from.map(turn).filter((one) => one !== undefined);
    return turned.length === from.length && turned.length > 0 ? turned : undefined;
  };
  return {
    expects: `a list, each ${item.expects}`,
    encode: (values) => every(values, (value) => item.encode(value))?.join(";"),
    decode: (joined) => every(joined.split(";"), (part) => item.decode(part)),
  };
}
