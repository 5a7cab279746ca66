import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A file on the loopback, as a mirror would have it. */
export interface ImageServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves one file under every path. */
export async function serveImage(path: string): Promise<ImageServer> {
  const { size } = await stat(path);
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
    if (request.method === "HEAD") response.end();
    else createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/guest.qcow2`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
