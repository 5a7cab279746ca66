import { randomUUID } from "node:crypto";
import { encodeRequest, type WireRequest } from "./encode-request.ts";

/** A file for a storage of a node. */
export interface Upload {
  readonly node: string;
  readonly storage: string;
  /** What the storage takes it for: "iso". */
  readonly content: string;
  /** Its name there, of letters, digits, ".", "_" and "-"; one of the same name is overwritten. */
  readonly filename: string;
  readonly bytes: Uint8Array;
}

const line = "\r\n";

/**
 * An upload as the form that PVE's server takes apart, which is not all that the standard allows: the fields before the file, which is the
 * last part; until 2023 (7.4) a Content-Type on it; until 2022 (7.1) a line end after the last boundary. Throws TypeError for a name that
 * PVE would change, or that would end the head of its part.
 */
export function encodeUpload({ node, storage, content, filename, bytes }: Upload): WireRequest {
  const [on, to] = [node, storage].map((name) => name.replaceAll("/", "%2F"));
  const path = `/api2/json/nodes/${on}/storage/${to}/upload`;
  const request = encodeRequest("post", path, "/api2/json/nodes/*/storage/*/upload");
  if (!/^[\w.-]+$/.test(filename))
    throw new TypeError(`POST ${request.path}: "${filename}" is no name for an upload`);
  const boundary = `virtrigaud-${randomUUID()}`;
  const head = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="content"',
    "",
    content,
    `--${boundary}`,
    `Content-Disposition: form-data; name="filename"; filename="${filename}"`,
    "Content-Type: application/octet-stream",
    "",
    "",
  ].join(line);
  return {
    ...request,
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`${line}--${boundary}--${line}`)]),
  };
}
