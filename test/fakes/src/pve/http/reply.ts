import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Fault } from "../fault.ts";

/** An answer before it is written. */
export interface Reply {
  readonly status: number;
  /** May have several lines: the status line takes the first. */
  readonly reason: string;
  readonly json?: unknown;
  /** A body that is not JSON; it has no content type. */
  readonly text?: string;
}

interface Writing {
  readonly acceptsGzip: boolean;
  readonly keepAlive: boolean;
  readonly fault: Fault | undefined;
}

const GZIP_FROM = 1024;

/** Writes an answer with PVE's headers. Every status from 400 on closes the connection. */
export async function writeReply(
  response: ServerResponse,
  reply: Reply,
  { acceptsGzip, keepAlive, fault }: Writing,
): Promise<void> {
  const plain = Buffer.from(reply.json === undefined ? (reply.text ?? "") : JSON.stringify(reply.json));
  const zip = acceptsGzip && plain.length > GZIP_FROM;
  const body = zip ? gzipSync(plain) : plain;
  const date = new Date().toUTCString();
  const headers: OutgoingHttpHeaders = {
    ...(reply.json === undefined ? {} : { "Content-Type": "application/json;charset=UTF-8" }),
    ...(zip ? { "Content-Encoding": "gzip" } : {}),
    ...(body.length > 0 ? { "Content-Length": body.length } : {}),
    "Cache-Control": "max-age=0",
    Pragma: "no-cache",
    Expires: date,
    Date: date,
    Server: "pve-api-daemon/3.0",
    Connection: keepAlive && reply.status < 400 ? "Keep-Alive" : "close",
  };
  response.writeHead(reply.status, statusText(reply.reason), headers);
  if (fault?.kind === "slowBody") await trickle(response, body, fault.msPerByte);
  if (fault?.kind === "hangBody") response.flushHeaders();
  else response.end(fault?.kind === "slowBody" ? undefined : body);
}

/** The first line, as bytes: a status line cannot hold wide characters. */
function statusText(reason: string): string {
  const first = reason.split(/[\r\n]/)[0] ?? "";
  return Buffer.from(first, "utf8")
    .toString("latin1")
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, "");
}

async function trickle(response: ServerResponse, body: Buffer, msPerByte: number): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.from([byte]));
    await sleep(msPerByte);
  }
}
