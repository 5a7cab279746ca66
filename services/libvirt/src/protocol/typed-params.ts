import type { Codec, Value } from "../xdr/codec.ts";
import { array, struct, union } from "../xdr/composites.ts";
import { double, hyper, int, uhyper, uint } from "../xdr/numbers.ts";
import { flag, text } from "./types.ts";

/** A named value that says its own type: libvirt's way to extend an answer without changing it. */
export const typedParam = struct({
  field: text,
  value: union({ 1: int, 2: uint, 3: hyper, 4: uhyper, 5: double, 6: flag, 7: text }),
});

export type TypedParam = Value<typeof typedParam>;

/** Up to `max` typed parameters. */
export function typedParams(max: number): Codec<readonly TypedParam[]> {
  return array(typedParam, max);
}

/** The parameters' values by name: "cpu.time" → 12n. 64-bit ones are bigints. */
export function byName(params: readonly TypedParam[]): Map<string, number | bigint | boolean | string> {
  return new Map(params.map(({ field, value }) => [field, value.value]));
}
