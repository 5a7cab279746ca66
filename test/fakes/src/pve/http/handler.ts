import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { dispatch } from "../api/dispatch.ts";
import type { Method } from "../api/endpoint.ts";
import { ApiError } from "../api/error.ts";
import { ProxyError } from "../api/proxy-error.ts";
import type { Router } from "../api/router.ts";
import type { Fault, PveRequest } from "../fault.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Values } from "../schema/check.ts";
import { authenticate } from "./authenticate.ts";
import { BodyError, decodeForm, decodeJson } from "./parameters.ts";
import { type Reply, writeReply } from "./reply.ts";
import { type LoggedRequest, masked } from "./request-log.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);
const LONGEST_BODY = 512 * 1024;

/** What handling requests needs. */
export interface Handling {
  readonly cluster: Cluster;
  readonly router: Router;
  readonly requests: LoggedRequest[];
  readonly latencyMs: number;
  readonly onRequest: ((request: PveRequest) => Fault | undefined) | undefined;
  /** The TCP socket below a request's, to be reset, and its number. */
  readonly connectionOf: (message: IncomingMessage) => { readonly number: number; readonly tcp: Socket };
}

/** Handles one HTTP request from its head to its answer, or to its fault. */
export async function handle(
  handling: Handling,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { cluster, latencyMs, connectionOf } = handling;
  const request = await readRequest(handling, message);
  const fault = handling.onRequest?.(request.logged);
  const cut = fault?.kind === "drop" || fault?.kind === "reset" ? fault : undefined;
  const { tcp } = connectionOf(message);
  if (cut?.when === "before") return void close(cut.kind, tcp);
  if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
  const reply = fault?.kind === "status" ? fault : await answer(cluster, handling.router, request);
  if (cut?.when === "after") return void close(cut.kind, tcp);
  if (fault?.kind === "delay") await sleep(fault.ms, undefined, { ref: false });
  const final: Reply = fault?.kind === "statusAfter" ? fault : reply;
  request.logged.status = final.status;
  request.logged.reason = final.reason.trimEnd();
  await writeReply(
    response,
    { status: final.status, reason: final.reason, ...bodyOf(final) },
    {
      acceptsGzip: /gzip/.test(String(message.headers["accept-encoding"] ?? "")),
      keepAlive: !/close/i.test(message.headers.connection ?? ""),
      fault,
    },
  );
}

const bodyOf = ({ json, text }: Reply) => ({
  ...(json === undefined ? {} : { json }),
  ...(text === undefined ? {} : { text }),
});

function close(kind: "drop" | "reset", tcp: Socket): void {
  if (kind === "reset") tcp.resetAndDestroy();
  else tcp.destroy();
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly user: string | undefined;
  readonly parameters: Values;
  /** An answer that is due before any endpoint is looked for. */
  readonly early: Reply | undefined;
  readonly logged: LoggedRequest;
}

async function readRequest(handling: Handling, message: IncomingMessage): Promise<Request> {
  const { cluster, requests, connectionOf } = handling;
  const body = await readBody(message);
  const method = message.method ?? "";
  const [rawPath = "", ...query] = (message.url ?? "").split("?");
  const full = unescapePath(rawPath);
  const path = full.replace(/^\/api2\/json/, "") || "/";
  const read: { user: string | undefined; parameters: Values; early: Reply | undefined } = {
    user: undefined,
    parameters: {},
    early: undefined,
  };
  try {
    mustBePossible(message, method, full);
    read.user = authenticate(cluster.access, method, path, message.headers);
    read.parameters = readParameters(message, method, body, query.join("?"), cluster.release.major);
  } catch (error) {
    if (error instanceof HeadError)
      read.early = { status: error.status, reason: error.message, text: error.message };
    else if (error instanceof BodyError)
      read.early = { status: 500, reason: error.message, text: error.message };
    else if (error instanceof ApiError) read.early = { status: error.status, reason: error.message };
    else throw error;
  }
  const logged: LoggedRequest = {
    sequence: requests.length + 1,
    method,
    path,
    parameters: masked(read.parameters),
    user: read.user,
    connection: connectionOf(message).number,
    status: undefined,
    reason: undefined,
  };
  requests.push(logged);
  return { method, path, ...read, logged };
}

/** A request that PVE's HTTP server itself turns down. */
class HeadError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function mustBePossible(message: IncomingMessage, method: string, path: string): void {
  if (!METHODS.has(method)) throw new HeadError(501, `method '${method}' not available`);
  const encoding = message.headers["transfer-encoding"];
  if (encoding !== undefined) throw new HeadError(501, `${encoding} transfer encoding not supported`);
  if (!path.startsWith("/api2/json")) throw new HeadError(501, "no such uri");
}

function readParameters(
  message: IncomingMessage,
  method: string,
  body: Buffer,
  query: string,
  major: Cluster["release"]["major"],
): Values {
  const inQuery = decodeForm(query, major);
  if (body.length === 0) return withoutCacheKey(inQuery);
  if (method !== "POST" && method !== "PUT")
    throw new HeadError(501, `Unexpected content for method '${method}'`);
  if (body.length > LONGEST_BODY) throw new HeadError(501, "for data too large");
  const type = message.headers["content-type"];
  const bare = type?.split(";")[0]?.trim();
  if (bare !== undefined && bare !== "application/json" && bare !== "application/x-www-form-urlencoded")
    throw new HeadError(506, `upload 'Content-Type '${type}' not implemented`);
  const text = body.toString("utf8");
  const inBody = bare === "application/json" ? decodeJson(text, major) : decodeForm(text, major);
  return withoutCacheKey({ ...inBody, ...inQuery });
}

/** Browsers add `_dc` to defeat caches. */
function withoutCacheKey({ _dc, ...values }: Values): Values {
  return values;
}

async function answer(cluster: Cluster, router: Router, request: Request): Promise<Reply> {
  const { method, path, user, parameters, early } = request;
  if (early !== undefined) {
    // PVE lets every 401 wait, against guessing.
    if (early.status === 401) await cluster.seconds(3);
    return early;
  }
  try {
    const { data, total } = await dispatch(cluster, router, {
      method: method as Method,
      path,
      user,
      parameters,
    });
    return { status: 200, reason: "OK", json: total === undefined ? { data } : { data, total } };
  } catch (error) {
    if (error instanceof ProxyError) return { status: error.status, reason: error.message };
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) await cluster.seconds(3);
    const { status, message, errors } = error;
    return {
      status,
      reason: message,
      json: { data: null, message, ...(errors === undefined ? {} : { errors }) },
    };
  }
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
    return path;
  }
}
