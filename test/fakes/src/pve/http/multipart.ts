import { randomBytes } from "node:crypto";
import type { Values } from "../schema/check.ts";

/** Files that were uploaded: by the name that PVE's server gives them first, then by volume. */
export type Uploads = Map<string, Buffer>;

/** The only fields that PVE's server takes before the file, in the order in which it looks for them. */
const FIELDS = ["content", "checksum-algorithm", "checksum"];

/** The request that PVE's server takes a file with. */
export const isUpload = (method: string | undefined, path: string): boolean =>
  method === "POST" && /^\/nodes\/[^/]+\/storage\/[^/]+\/upload$/.test(path);

/**
 * The fields of a `multipart/form-data` body; of the file the names, as PVE's server hands it on. All after the file's head is the file, up to
 * the last boundary. Undefined for what is none.
 */
export function decodeMultipart(type: string, body: Buffer, uploads: Uploads): Values | undefined {
  const boundary = /boundary\s*=\s*(\S+)/.exec(type)?.[1];
  if (boundary === undefined) return undefined;
  const values: Record<string, string> = {};
  // A byte is a character.
  let rest = body.toString("latin1");
  for (const field of FIELDS) {
    const [whole, text] = partOf(rest, boundary, `name="${field}"`, `(?=--${escaped(boundary)}\r?\n)`) ?? [];
    if (whole === undefined || text === undefined) continue;
    values[field] = Buffer.from(text, "latin1").toString("utf8").trim();
    rest = rest.slice(whole.length);
  }
  const file = partOf(rest, boundary, 'name="filename"; filename="([^"]+)"', `--${escaped(boundary)}--`);
  if (file === null) return undefined;
  const [, filename = "", content = ""] = file;
  const tmpfilename = `/var/tmp/pveupload-${randomBytes(16).toString("hex")}`;
  uploads.set(tmpfilename, Buffer.from(content, "latin1"));
  return { ...values, filename: Buffer.from(filename, "latin1").toString("utf8").trim(), tmpfilename };
}

/** The part at the beginning of a text: the whole, and the groups of its disposition and its content. */
function partOf(text: string, boundary: string, disposition: string, end: string): RegExpExecArray | null {
  const head = `^(?:\r?\n)?--${escaped(boundary)}\r?\nContent-Disposition: form-data; ${disposition}`;
  return new RegExp(`${head}\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\\s\\S]*?)\r?\n${end}`).exec(text);
}

const escaped = (boundary: string): string => boundary.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
