import type { IncomingMessage } from "node:http";
import { ApiError } from "../api/error.ts";
import type { Access } from "../model/access.ts";
import type { Major } from "../release.ts";
import type { Values } from "../schema/check.ts";
import { authenticate } from "./authenticate.ts";
import { HttpError } from "./http-error.ts";
import { decodeMultipart, isUpload, type Uploads } from "./multipart.ts";
import { decodeForm, decodeJson } from "./parameters.ts";
import type { Reply } from "./reply.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);
const LONGEST_BODY = 512 * 1024;
const API = "/api2/json";

/** A request as far as it could be read. */
export interface ReadRequest {
  readonly method: string;
  /** Below /api2/json, decoded. */
  readonly path: string;
  readonly user: string | undefined;
  readonly parameters: Values;
  /** An answer that is due before any endpoint is asked. */
  readonly early: Reply | undefined;
}

/** Reads a request and finds out who sends it, in the order in which PVE's HTTP server does. */
export async function readRequest(
  message: IncomingMessage,
  access: Access,
  major: Major,
  uploads: Uploads,
): Promise<ReadRequest> {
  const body = await readBody(message);
  const method = message.method ?? "";
  const [encoded = "", ...query] = (message.url ?? "").split("?");
  const whole = unescapePath(encoded);
  const path = whole.startsWith(API) ? whole.slice(API.length) || "/" : whole;
  let user: string | undefined;
  let parameters: Values = {};
  let early: Reply | undefined;
  try {
    mustBePossible(message, method, whole);
    user = authenticate(access, method, path, message.headers);
    parameters = readParameters(message, body, { path, query: query.join("?"), major, uploads });
  } catch (error) {
    early = earlyReply(error);
  }
  return { method, path, user, parameters, early };
}

function earlyReply(error: unknown): Reply {
  if (error instanceof HttpError) return { status: error.status, reason: error.message, text: error.message };
  if (error instanceof ApiError) return { status: error.status, reason: error.message };
  throw error;
}

function mustBePossible(message: IncomingMessage, method: string, path: string): void {
  if (!METHODS.has(method)) throw new HttpError(501, `method '${method}' not available`);
  const encoding = message.headers["transfer-encoding"];
  if (encoding !== undefined) throw new HttpError(501, `${encoding} transfer encoding not supported`);
  if (!path.startsWith(API)) throw new HttpError(501, "no such uri");
}

interface Reading {
  readonly path: string;
  readonly query: string;
  readonly major: Major;
  readonly uploads: Uploads;
}

function readParameters(message: IncomingMessage, body: Buffer, reading: Reading): Values {
  const { method } = message;
  const { path, query, major, uploads } = reading;
  const inQuery = decodeForm(query, major);
  if (body.length === 0) return withoutCacheKey(inQuery);
  if (method !== "POST" && method !== "PUT")
    throw new HttpError(501, `Unexpected content for method '${method}'`);
  const type = message.headers["content-type"];
  const bare = type?.split(";")[0]?.trim();
  if (bare === "multipart/form-data" && isUpload(method, path)) {
    const values = decodeMultipart(type ?? "", body, uploads);
    if (values === undefined) throw new HttpError(major < 7 ? 501 : 500, "upload failed");
    return { ...inQuery, ...values };
  }
  if (body.length > LONGEST_BODY) throw new HttpError(501, "for data too large");
  const text = body.toString("utf8");
  if (bare === "application/json") return withoutCacheKey({ ...decodeJson(text, major), ...inQuery });
  if (bare !== undefined && bare !== "application/x-www-form-urlencoded")
    throw new HttpError(506, `upload 'Content-Type '${type}' not implemented`);
  return withoutCacheKey({ ...decodeForm(text, major), ...inQuery });
}

/** Browsers add `_dc` to defeat caches. */
function withoutCacheKey({ _dc, ...values }: Values): Values {
  return values;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function unescapePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // PVE leaves what is no escape as it is.
    return path;
  }
}
