import { z } from "zod";
import { confidential } from "./fields.ts";
import { objectMeta, plainAnnotations } from "./resource.ts";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

// Line breaks in the text are allowed, as the API server's decoder does: people paste folded base64.
const base64 = () =>
  confidential()
    .refine((encoded) => BASE64.test(encoded.replace(/[\r\n]/g, "")))
    .meta({ title: "base64 text (write plain text under stringData)" });

/** Secret of the core API: credentials, certificates, cloud-init. */
export const Secret = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: objectMeta(plainAnnotations()),
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), base64()).optional(),
  stringData: z.record(z.string(), confidential()).optional(),
});
/** A validated Secret. */
export type Secret = z.infer<typeof Secret>;

/** The Secret's entries as bytes, by key; stringData wins over data, as at the API server. */
export function secretEntries(secret: Secret): ReadonlyMap<string, Uint8Array> {
  const encoded = Object.entries(secret.data ?? {}).map(([key, value]) => entry(key, value, "base64"));
  const plain = Object.entries(secret.stringData ?? {}).map(([key, value]) => entry(key, value, "utf8"));
  return new Map([...encoded, ...plain]);
}

function entry(key: string, value: string, encoding: "base64" | "utf8"): [string, Uint8Array] {
  return [key, Buffer.from(value, encoding)];
}
