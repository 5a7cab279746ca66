import { garbled } from "@virtrigaud/kit/nesting-proof";

/** Text that the agent sent as base64, cut off after `maxBytes`; absent is empty. */
export function textFrom(execute: string, data: unknown, maxBytes: number): string {
  if (data === undefined) return "";
  if (typeof data !== "string") throw garbled(execute);
  return Buffer.from(data.slice(0, Math.ceil(maxBytes / 3) * 4), "base64")
    .subarray(0, maxBytes)
    .toString("utf8");
}
