import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A web server of a test's own, on loopback. */
export interface FileServer {
  /** "http://127.0.0.1:1234". */
  readonly origin: string;
  /** Every request so far, oldest first. */
  readonly requests: IncomingMessage[];
  readonly stop: () => Promise<void>;
}

/** Answers by path; 404 for others. */
export async function startFileServer(answers: Readonly<Record<string, Answer>>): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const { pathname } = new URL(request.url ?? "/", "http://server");
    const answer = answers[pathname] ?? ((_, missing) => void missing.writeHead(404).end());
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
