import { createHash } from "node:crypto";
import { VMSpec } from "@virtrigaud/proto";

/**
 * Digest by which a later pass sees that a VM's declaration changed since it was made. First-boot configuration is left out:
 * a guest that booted no longer reads it. Only ever compared with what this controller recorded.
 */
export function specDigest(spec: VMSpec): string {
  const relevant = sorted(VMSpec.toJSON({ ...spec, cloudInit: undefined }));
  return `sha256:${createHash("sha256").update(JSON.stringify(relevant)).digest("hex")}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
