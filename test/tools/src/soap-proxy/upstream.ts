import * as http from "node:http";
import * as https from "node:https";

/** The server behind the proxy; a `Vcsim` fits. */
export interface Target {
  readonly url: string;
  /** Authority to trust for an https URL. */
  readonly certificatePem?: string;
  /** The certificate's key: with it the proxy speaks HTTPS and shows the same certificate, without it plain HTTP. */
  readonly privateKeyPem?: string;
}

export interface Upstream {
  /** Sends the request on; the answer's body is still to be read. Ends when the client's connection does. */
  send(request: http.IncomingMessage, body: Buffer): Promise<http.IncomingMessage>;
  close(): void;
}

export function connectUpstream({ url, certificatePem }: Target): Upstream {
  const base = new URL(url);
  const client = base.protocol === "https:" ? https : http;
  const agent = new client.Agent({ keepAlive: true, ca: certificatePem });
  return {
    send: (request, body) =>
      new Promise((resolve, reject) => {
        // The connection to the server is ours, so what the client says of its own must not reach it.
        const { connection: _, ...headers } = { ...request.headers, host: base.host };
        const outgoing = client.request(new URL(request.url ?? "/", base), {
          agent,
          method: request.method,
          headers,
        });
        const abandon = () => outgoing.destroy();
        request.socket.once("close", abandon);
        outgoing.once("close", () => request.socket.off("close", abandon));
        outgoing.once("response", resolve).once("error", reject).end(body);
      }),
    close: () => agent.destroy(),
  };
}
