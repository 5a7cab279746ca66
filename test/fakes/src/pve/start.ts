import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { Router } from "./api/router.ts";
import { makeCertificate } from "./certificate.ts";
import { endpoints } from "./endpoints/index.ts";
import { type Connection, type Handling, handle } from "./http/handler.ts";
import type { LoggedRequest } from "./http/request-log.ts";
import type { Token } from "./model/access.ts";
import { Cluster } from "./model/cluster.ts";
import type { PveOptions } from "./options.ts";

/** A running simulator. */
export interface Pve {
  /** `https://127.0.0.1:PORT`, without the API's path. */
  readonly url: string;
  /** Of the server; empty over plain HTTP. */
  readonly certificatePem: string;
  /** SHA-256, AA:BB:…; empty over plain HTTP. */
  readonly fingerprint: string;
  /** The first of the tokens. */
  readonly token: Token;
  /** Every request so far, with what it was answered. */
  readonly requests: readonly LoggedRequest[];
  /** What is simulated, to look at and to change under the client's feet. */
  readonly cluster: Cluster;
  /** Closes all connections. Running tasks are forgotten. */
  stop(): Promise<void>;
}

/** Starts a simulator. Rejects when it cannot listen. */
export async function startPve(options: PveOptions = {}): Promise<Pve> {
  const cluster = new Cluster(options);
  const requests: LoggedRequest[] = [];
  const connections = new Map<number | undefined, Connection>();
  const handling: Handling = {
    cluster,
    router: new Router(endpoints, cluster.release.major),
    requests,
    latencyMs: options.latencyMs ?? 0,
    onRequest: options.onRequest,
    connectionOf: (message) =>
      connections.get(message.socket.remotePort) ?? { number: 0, tcp: message.socket },
  };
  const server = createServerFor(cluster, options.tls ?? true, (message, response) => {
    handle(handling, message, response).catch((error: unknown) => answerMistake(message, response, error));
  });
  let accepted = 0;
  server.on("connection", (tcp: Socket) => {
    accepted += 1;
    const { remotePort } = tcp;
    connections.set(remotePort, { number: accepted, tcp });
    tcp.once("close", () => connections.delete(remotePort));
  });
  await listen(server, options.listen ?? { host: "127.0.0.1", port: 0 });
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === false ? "http" : "https"}://${address}:${port}`,
    certificatePem: cluster.certificate?.pem ?? "",
    fingerprint: cluster.certificate?.fingerprint ?? "",
    token: cluster.access.tokens[0] ?? { id: "", secret: "" },
    requests,
    cluster,
    stop: () => stop(server, connections),
  };
}

type Listener = (message: IncomingMessage, response: ServerResponse) => void;

function createServerFor(cluster: Cluster, tls: boolean, listener: Listener): Server {
  if (!tls) return createServer(listener);
  const { pem, keyPem, fingerprint } = makeCertificate();
  cluster.certificate = { pem, fingerprint };
  return createTlsServer({ cert: pem, key: keyPem }, listener);
}

/** A mistake of the simulator's own; a client that went away is none. */
function answerMistake(message: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (message.destroyed && response.destroyed) return;
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, "simulator failed", { Connection: "close" });
  response.end(error instanceof Error ? error.stack : String(error));
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function stop(server: Server, connections: ReadonlyMap<unknown, Connection>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const { tcp } of connections.values()) tcp.destroy();
  });
}
