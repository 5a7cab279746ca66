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
import { type ReadRequest, readRequest } from "./read-request.ts";
import { type Reply, writeReply } from "./reply.ts";
import { type LoggedRequest, masked } from "./request-log.ts";

/** A TCP connection and its number, counted from 1. */
export interface Connection {
  readonly number: number;
  readonly tcp: Socket;
}

/** What handling requests needs. */
export interface Handling {
  readonly cluster: Cluster;
  readonly router: Router;
  readonly requests: LoggedRequest[];
  readonly latencyMs: number;
  readonly onRequest: ((request: PveRequest) => Fault | undefined) | undefined;
  /** The connection below a request, to be cut. */
  readonly connectionOf: (message: IncomingMessage) => Connection;
}

/** Handles one HTTP request from its head to its answer, or to its fault. */
export async function handle(
  handling: Handling,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { cluster, latencyMs, connectionOf } = handling;
  const connection = connectionOf(message);
  const request = await readRequest(message, cluster.access, cluster.release.major, cluster.uploads);
  const logged = log(handling.requests, request, connection.number);
  const fault = handling.onRequest?.(logged);
  const cut = fault?.kind === "drop" || fault?.kind === "reset" ? fault : undefined;
  if (cut?.when === "before") return close(cut.kind, connection);
  if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
  const handled =
    fault?.kind === "status" ? withoutBody(fault) : await answer(cluster, handling.router, request);
  if (cut?.when === "after") return close(cut.kind, connection);
  if (fault?.kind === "delay") await sleep(fault.ms, undefined, { ref: false });
  const reply = fault?.kind === "statusAfter" ? withoutBody(fault) : handled;
  logged.status = reply.status;
  logged.reason = reply.reason.trimEnd();
  await writeReply(response, reply, {
    acceptsGzip: /gzip/.test(String(message.headers["accept-encoding"] ?? "")),
    keepAlive: !/close/i.test(message.headers.connection ?? ""),
    fault,
  });
}

const withoutBody = ({ status, reason }: { readonly status: number; readonly reason: string }): Reply => ({
  status,
  reason,
});

function log(requests: LoggedRequest[], request: ReadRequest, connection: number): LoggedRequest {
  const { method, path, parameters, user } = request;
  const entry: LoggedRequest = {
    sequence: requests.length + 1,
    method,
    path,
    parameters: masked(parameters),
    user,
    connection,
    status: undefined,
    reason: undefined,
  };
  requests.push(entry);
  return entry;
}

function close(kind: "drop" | "reset", { tcp }: Connection): void {
  if (kind === "reset") tcp.resetAndDestroy();
  else tcp.destroy();
}

async function answer(cluster: Cluster, router: Router, request: ReadRequest): Promise<Reply> {
  const reply = request.early ?? (await ask(cluster, router, request));
  // PVE lets every 401 wait, against guessing.
  if (reply.status === 401) await cluster.seconds(3);
  return reply;
}

async function ask(cluster: Cluster, router: Router, request: ReadRequest): Promise<Reply> {
  const { method, path, user, parameters } = request;
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
    const { status, message, errors } = error;
    return {
      status,
      reason: message,
      json: { data: null, message, ...(errors === undefined ? {} : { errors }) },
    };
  }
}
