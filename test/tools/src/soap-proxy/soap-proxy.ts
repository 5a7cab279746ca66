import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { faultEnvelope, soapMethod } from "./message.ts";
import { connectUpstream, type Target, type Upstream } from "./upstream.ts";

/** A SOAP call as the proxy saw it; `index` counts from 0 in order of arrival. */
export interface SoapCall {
  readonly index: number;
  readonly method: string;
  readonly body: string;
}

/** What becomes of a call. `cut-before` breaks the connection without forwarding, `cut-after` once the server has answered. */
export type SoapAction =
  | "pass"
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "cut-before" }
  | { readonly kind: "cut-after" }
  | { readonly kind: "fault"; readonly faultType: string; readonly message: string }
  | { readonly kind: "status"; readonly code: number }
  | { readonly kind: "hang" };

export interface SoapProxyOptions {
  readonly target: Target;
  /** Decides the fate of each call; by default every call passes. */
  readonly onCall?: (call: SoapCall) => SoapAction;
}

export interface SoapProxy {
  /** What clients use instead of the target's URL; on 127.0.0.1. */
  readonly url: string;
  /** Every call so far in order of arrival, forwarded or not. */
  readonly calls: readonly { readonly method: string }[];
  /** Breaks all connections and frees the port. */
  close(): Promise<void>;
}

/** Starts a reverse proxy before a vCenter that counts SOAP calls and fails them on demand; other requests just pass. */
export async function startSoapProxy({
  target,
  onCall = () => "pass",
}: SoapProxyOptions): Promise<SoapProxy> {
  const calls: { method: string }[] = [];
  const upstream = connectUpstream(target);
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const body = await buffer(request);
    const method = soapMethod(body.toString("utf8"));
    const action =
      method === undefined
        ? "pass"
        : onCall({ index: calls.push({ method }) - 1, method, body: body.toString("utf8") });
    await perform(action, { request, response, body, upstream });
  };
  const server = createServer(target, (request, response) => {
    // Whatever breaks between us and the server is a broken connection to the client, as it would be without us.
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const url = new URL(target.url);
  url.protocol = server instanceof https.Server ? "https:" : "http:";
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    upstream.close();
    await closed;
  };
  return { url: url.href, calls, close };
}

function createServer(
  { certificatePem, privateKeyPem }: Target,
  listener: http.RequestListener,
): http.Server {
  if (certificatePem === undefined || privateKeyPem === undefined) return http.createServer(listener);
  return https.createServer({ cert: certificatePem, key: privateKeyPem }, listener);
}

interface Exchange {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly body: Buffer;
  readonly upstream: Upstream;
}

async function perform(action: SoapAction, exchange: Exchange): Promise<void> {
  const { request, response, body, upstream } = exchange;
  if (action === "pass") return pass(exchange);
  switch (action.kind) {
    case "delay":
      await sleep(action.ms);
      return pass(exchange);
    case "cut-before":
      request.socket.destroy();
      return;
    case "cut-after":
      await buffer(await upstream.send(request, body));
      request.socket.destroy();
      return;
    case "fault":
      response.writeHead(500, { "content-type": "text/xml; charset=utf-8" });
      response.end(faultEnvelope(action.faultType, action.message));
      return;
    case "status":
      response.writeHead(action.code).end();
      return;
    case "hang":
      return;
  }
}

async function pass({ request, response, body, upstream }: Exchange): Promise<void> {
  const answer = await upstream.send(request, body);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}
