import { fixedOpaque, string } from "../xdr/bytes.ts";
import type { Codec, Value } from "../xdr/codec.ts";
import { mapped, optional, struct } from "../xdr/composites.ts";
import { int, uint } from "../xdr/numbers.ts";
import { XdrError } from "../xdr/xdr-error.ts";

/** Every text of the protocol: at most 4 MiB. */
export const text = string(4 * 2 ** 20);

/** A text that may be absent, which is not the same as empty. */
export const optionalText = optional(text);

/** Most objects that one list may have; node devices and leases have their own. */
export const MAX_OBJECTS = 16_384;

/** Bits of a call's variants. Left out: none. */
export const flags: Codec<number | undefined> = mapped(
  uint,
  (bits): number | undefined => bits,
  (bits) => bits ?? 0,
);

/** The calls that list can be asked to count only; this client never does. */
export const needResults: Codec<undefined> = mapped(
  int,
  () => undefined,
  () => 1,
);

/** A truth value as libvirt sends it: an int, 1 for true. */
export const flag: Codec<boolean> = mapped(
  int,
  (value) => value !== 0,
  (value) => (value ? 1 : 0),
);

/** Sixteen bytes, as "6ba7b810-9dad-11d1-80b4-00c04fd430c8". */
export const uuid: Codec<string> = mapped(
  fixedOpaque(16),
  (bytes) => {
    const hex = (bytes as Buffer).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  },
  (value) => {
    const hex = value.replaceAll("-", "");
    // Buffer stops at what is not hexadecimal.
    const bytes = Buffer.from(hex, "hex");
    if (hex.length !== 32 || bytes.length !== 16) throw new XdrError(`"${value}" is not a UUID`);
    return bytes;
  },
);

/** Handles: libvirtd answers with them and takes them back; of most only the UUID or the key counts. */
export const domain = struct({ name: text, uuid, id: int });
export const network = struct({ name: text, uuid });
export const storagePool = struct({ name: text, uuid });
export const storageVol = struct({ pool: text, name: text, key: text });
export const domainSnapshot = struct({ name: text, domain });
export const hostInterface = struct({ name: text, mac: text });
export const nodeDevice = struct({ name: text });

/** A virtual machine. `id` is -1 unless it runs. */
export type Domain = Value<typeof domain>;
export type Network = Value<typeof network>;
export type StoragePool = Value<typeof storagePool>;
export type StorageVol = Value<typeof storageVol>;
export type DomainSnapshot = Value<typeof domainSnapshot>;

/** What a refused call answers. */
export const failure = struct({
  code: int,
  domain: int,
  message: optionalText,
  level: int,
  subject: optional(domain),
  text1: optionalText,
  text2: optionalText,
  text3: optionalText,
  number1: int,
  number2: int,
  network: optional(network),
});
