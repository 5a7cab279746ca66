import { LanguageError } from "./language-error.ts";
import { type Open, propertyString } from "./property-string.ts";
import { type Codec, flag, text } from "./value.ts";

/** The `smbios1` option: what the guest's firmware says of the machine. Texts are in plain here. */
export interface Smbios extends Open {
  /** In lower case. */
  readonly uuid?: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly version?: string;
  readonly serial?: string;
  readonly sku?: string;
  readonly family?: string;
}

interface Written extends Smbios {
  readonly base64?: boolean;
}

const texts = ["manufacturer", "product", "version", "serial", "sku", "family"] as const;
const uuidText = text(/[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}/, "a UUID");
const uuid: Codec<string> = { ...uuidText, decode: (value) => uuidText.decode(value)?.toLowerCase() };
const word = text(/[^,\s\p{Cc}]+/u, "text in base64");
const longest = 512;

const smbios = propertyString<Written>({
  option: "smbios1",
  fields: {
    uuid: ["uuid", uuid],
    base64: ["base64", flag],
    manufacturer: ["manufacturer", word],
    product: ["product", word],
    version: ["version", word],
    serial: ["serial", word],
    sku: ["sku", word],
    family: ["family", word],
  },
});

/** Texts go in base64, which holds any of them. Throws a {@link LanguageError}, also when all together are too long. */
export function encodeSmbios(value: Smbios): string {
  const held = texts.filter((key) => value[key] !== undefined && value[key] !== "");
  const encoded = Object.fromEntries(held.map((key) => [key, toBase64(value[key] ?? "")]));
  const { uuid: id, rest } = value;
  const written = smbios.encode({
    ...encoded,
    ...(id === undefined ? {} : { uuid: id }),
    ...(held.length === 0 ? {} : { base64: true }),
    ...(rest === undefined ? {} : { rest }),
  });
  if (written.length > longest)
    throw new LanguageError("smbios1", written, `at most ${longest} characters in base64`);
  return written;
}

export function decodeSmbios(written: string): Smbios {
  const { base64 = false, ...found } = smbios.decode(written);
  if (!base64) return found;
  const plain = texts.flatMap((key) => {
    const value = found[key];
    return value === undefined ? [] : [[key, fromBase64(value)] as const];
  });
  return { ...found, ...Object.fromEntries(plain) };
}

const toBase64 = (plain: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(plain)));

/** What is no base64 stays as it is: someone wrote it by hand. */
function fromBase64(encoded: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  } catch {
    return encoded;
  }
}
