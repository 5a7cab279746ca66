import { createHash } from "node:crypto";
import { VMSpec } from "@virtrigaud/proto";

/** The contract's 64-bit fields: protobuf's JSON mapping writes them as strings. */
const wide = new Set(["memoryBytes", "sizeBytes", "reservationBytes", "limitBytes"]);

/** SHA-256 in hex over the canonical form of a spec without cloud_init (Owner.spec_fingerprint). */
export function fingerprint(spec: VMSpec): string {
  const json = canonical("", VMSpec.toJSON({ ...spec, cloudInit: undefined }));
  return createHash("sha256").update(json).digest("hex");
}

function canonical(key: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical("", item)).join(",")}]`;
  if (value === null || typeof value !== "object") {
    return JSON.stringify(wide.has(key) ? String(value) : value);
  }
  // Keys are compared by code unit: localeCompare would depend on the machine.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(name, item)}`).join(",")}}`;
}
