import { createHash } from "node:crypto";
import { VMSpec } from "@virtrigaud/proto";

/** Owner.spec_fingerprint of a spec: SHA-256 in hex over {@link canonicalSpec}. */
export function specFingerprint(spec: VMSpec): string {
  return createHash("sha256").update(canonicalSpec(spec)).digest("hex");
}

/**
 * The canonical form of a spec as vm.proto defines it for Owner.spec_fingerprint: its protobuf JSON mapping without cloud_init,
 * with 64-bit integers as strings, keys sorted by code unit, no white space. An optional field that is set is kept even when it
 * is false or 0: set differs from unset in this contract.
 */
export function canonicalSpec(spec: VMSpec): string {
  return canonical(VMSpec.toJSON({ ...spec, cloudInit: undefined }), "");
}

/** The 64-bit fields within VMSpec, which ts-proto writes as numbers; a test compares it with the .proto files. */
export const WIDE_FIELDS: ReadonlySet<string> = new Set([
  "memoryBytes",
  "sizeBytes",
  "reservationBytes",
  "limitBytes",
]);

function canonical(value: unknown, key: string): string {
  if (Array.isArray(value)) return `[${value.map((member) => canonical(member, key)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, name)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(typeof value === "number" && WIDE_FIELDS.has(key) ? String(value) : value);
}
