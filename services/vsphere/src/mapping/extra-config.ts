import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import { NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import type { OptionValue } from "../vim/types.ts";
import type { Problems } from "./problems.ts";

/** Reason of the violation that refuses a key of extra_config. */
export const reservedKey = "EXTRA_CONFIG_RESERVED";

const ownPrefixes = ["virtrigaud.", "guestinfo.userdata", "guestinfo.metadata"];

/** Prefix of the keys that stand for nestedHVEnabled. */
const nestedPrefix = "vhv.";

/** Keys that stand for a typed field: vCenter takes them without a word and does nothing. */
const typedKeys = new Set([
  "annotation",
  "cpuid.corespersocket",
  "displayname",
  "firmware",
  "guestos",
  "mem.hotadd",
  "memsize",
  "numvcpus",
  "uefi.secureboot.enabled",
  "vcpu.hotadd",
  "virtualhw.version",
  "vvtd.enable",
]);

/** Refuses keys that the provider writes itself or that vCenter ignores. */
export function checkExtraConfig(spec: VMSpec, problems: Problems): void {
  for (const key of Object.keys(spec.extraConfig)) {
    const lower = key.toLowerCase();
    const isOwn = ownPrefixes.some((prefix) => lower.startsWith(prefix));
    if (!isOwn && !lower.startsWith(nestedPrefix) && !typedKeys.has(lower)) continue;
    const why = isOwn
      ? "is written by the provider itself"
      : "is ignored by vCenter, which has a field for it";
    problems.add("spec.extra_config", reservedKey, `${key} ${why}; use the spec's own field instead`);
  }
}

/** A spec's own options; an empty value has vCenter remove the key. */
export const askedOptions = ({ extraConfig }: VMSpec): OptionValue[] =>
  Object.entries(extraConfig).map(([key, value]) => ({ key, value }));

/** The keys that VMware's own documents and older tools look for, beside the typed field that really acts. */
export function nestedOptions(spec: VMSpec): OptionValue[] {
  switch (nestedPolicy(spec)) {
    case NestedPolicy.REQUIRED:
      return [
        { key: "vhv.enable", value: "TRUE" },
        { key: "vhv.allowNestedPageTables", value: "TRUE" },
      ];
    case NestedPolicy.DISABLED:
      return [{ key: "vhv.enable", value: "FALSE" }];
    default:
      return [];
  }
}
