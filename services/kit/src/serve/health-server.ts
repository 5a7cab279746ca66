import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";
import { listen, type Listening } from "./listen.ts";

/** What the health port tells. */
export interface HealthSource {
  /** Undefined when ready; otherwise why not. */
  readonly reason: () => string | undefined;
  readonly registry: Registry;
}

/**
 * Serves /healthz (the process runs), /readyz (200, or 503 with the reason) and /metrics (Prometheus text) over plain HTTP, for
 * probes and scrapers that have no client certificate.
 */
export function serveHealth(address: string, source: HealthSource): Promise<Listening<Server>> {
  const server = createServer((request, response) => {
    void answer(request.url?.split("?")[0] ?? "", source).then(({ code, body, type }) =>
      response.writeHead(code, { "content-type": type ?? "text/plain; charset=utf-8" }).end(body),
    );
  });
  return listen(server, address);
}

interface Answer {
  readonly code: number;
  readonly body: string;
  readonly type?: string;
}

async function answer(path: string, { reason, registry }: HealthSource): Promise<Answer> {
  switch (path) {
    case "/healthz":
      return { code: 200, body: "ok\n" };
    case "/readyz": {
      const why = reason();
      return why === undefined ? { code: 200, body: "ok\n" } : { code: 503, body: `${why}\n` };
    }
    case "/metrics":
      return registry.metrics().then(
        (body) => ({ code: 200, body, type: registry.contentType }),
        () => ({ code: 500, body: "the metrics could not be collected\n" }),
      );
    default:
      return { code: 404, body: "not found; try /healthz, /readyz or /metrics\n" };
  }
}
