import { LanguageError } from "./language-error.ts";
import { type Open, propertyString } from "./property-string.ts";
import { integer } from "./value.ts";

interface Memory extends Open {
  readonly current?: number;
}

const memory = propertyString<Memory>({
  option: "memory",
  defaultKey: "current",
  fields: { current: ["current", integer(16, 4_178_944)] },
});

const mib = 2 ** 20;
/** What a VM without the option has. */
const defaultMib = 512;

/** Bytes as the `memory` option, which counts MiB. Throws a {@link LanguageError}. */
export function encodeMemory(bytes: number): string {
  if (bytes % mib !== 0) throw new LanguageError("memory", bytes, "whole MiB");
  return memory.encode({ current: bytes / mib });
}

/** Bytes of the `memory` option. */
export const decodeMemory = (text: string | undefined): number =>
  (memory.decode(text ?? "").current ?? defaultMib) * mib;
