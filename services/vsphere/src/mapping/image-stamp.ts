import type { OptionValue } from "../vim/types.ts";
import { optionMap } from "./ownership.ts";
import type { Template } from "./template.ts";

const key = "virtrigaud.image";

/** Notes on a clone what it was made from: vCenter itself forgets it. */
export const stampImage = ({ name, ref }: Template): OptionValue => ({
  key,
  value: `${name} (${ref.value})`,
});

/** What a VM was cloned from; undefined for one that was not, or not by this provider. */
export const readImage = (extraConfig: readonly OptionValue[]): string | undefined =>
  optionMap(extraConfig).get(key);
