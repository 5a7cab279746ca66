import type { Codec } from "./value.ts";

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes as `32G`, `528K` or `512`: in the largest unit that leaves no fraction, as Proxmox VE writes them. */
export const size: Codec<number> = {
  expects: "a whole number of bytes",
  encode(bytes) {
    if (!Number.isSafeInteger(bytes) || bytes < 0) return undefined;
    const unit = ["T", "G", "M", "K"].find((name) => bytes > 0 && bytes % (units[name] ?? 1) === 0);
    return unit === undefined ? String(bytes) : `${bytes / (units[unit] ?? 1)}${unit}`;
  },
  decode(written) {
    const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:iB)?$/.exec(written) ?? [];
    const bytes = Math.trunc(Number(amount) * (units[unit] ?? 1));
    return amount !== "" && Number.isSafeInteger(bytes) ? bytes : undefined;
  },
};
