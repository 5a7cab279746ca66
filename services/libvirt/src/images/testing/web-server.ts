import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A web server on loopback, whose pages a test may change at any time. */
export interface WebServer {
  /** "http://127.0.0.1:1234". */
  readonly origin: string;
  readonly pages: Map<string, Answer>;
  /** Paths asked for, oldest first. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
}

export async function startWebServer(): Promise<WebServer> {
  const pages = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const page = pages.get(path);
    if (page === undefined) response.writeHead(404).end();
    else void page(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A file. */
export const serve =
  (bytes: Buffer): Answer =>
  (_, response) =>
    void response.writeHead(200, { "content-length": bytes.length }).end(bytes);

/** A file whose second half does not come until `goOn` is called. */
export function serveHalf(bytes: Buffer): { page: Answer; goOn: () => void } {
  let goOn = () => {};
  const more = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const half = Math.ceil(bytes.length / 2);
  const page: Answer = (_, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, half));
    void more.then(() => response.end(bytes.subarray(half)));
  };
  return { page, goOn: () => goOn() };
}
