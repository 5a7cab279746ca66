import { Pool } from "undici";
import { DeadlinePassed } from "./deadline.ts";
import { parseEndpoint } from "./endpoint.ts";
import { PveProtocolError, PveTlsError, PveUnreachable } from "./errors.ts";
import { AnswerTooLong, Exchange, type HttpAnswer } from "./exchange.ts";
import type { WireRequest } from "./encode-request.ts";
import { type ServerTrust, trustingConnector } from "./tls.ts";

export interface TransportOptions {
  /** "https://pve.example.com:8006", the port being the default; http only with trust mode "insecure". */
  readonly endpoint: string;
  readonly trust: ServerTrust;
  /** Connections kept open at most; further requests queue. Default 16. */
  readonly maxConnections?: number;
  /** Largest answer accepted, in bytes. Default 64 MiB, which holds the list of 100,000 VMs. */
  readonly maxResponseBytes?: number;
  /** Told of every request sent or given up, for metrics and tests. Must not throw. */
  readonly onRequest?: (report: RequestReport) => void;
}

/** One HTTP request, successful or not; logins and repetitions count. */
export interface RequestReport {
  readonly method: string;
  /** The path with a star for each variable, fit for a metric's label. */
  readonly route: string;
  /** Absent when no answer came. */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

const USER_AGENT = "virtrigaud-provider-proxmox";

/** pveproxy closes a connection that was idle for 5 s; a POST must not meet that moment. */
const IDLE_CONNECTION_MS = 4_000;

/** HTTP to one PVE: pooled connections, limits, and errors that say whether the request left. */
export class Transport {
  readonly #host: string;
  readonly #pool: Pool;
  readonly #maxResponseBytes: number;
  readonly #onRequest: (report: RequestReport) => void;

  /** Opens nothing yet. Throws PveTlsError or TypeError for an endpoint or trust that makes no sense. */
  constructor(options: TransportOptions) {
    const origin = parseEndpoint(options.endpoint);
    this.#host = new URL(origin).host;
    if (origin.startsWith("http:") && options.trust.mode !== "insecure") {
      throw new PveTlsError(`${this.#host}: a plain http endpoint needs the explicit insecure mode`);
    }
    this.#pool = new Pool(origin, {
      connect: trustingConnector(options.trust),
      connections: options.maxConnections ?? 16,
      keepAliveTimeout: IDLE_CONNECTION_MS,
      // Deadlines are the caller's.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#maxResponseBytes = options.maxResponseBytes ?? 64 * 2 ** 20;
    this.#onRequest = options.onRequest ?? (() => {});
  }

  /**
   * Sends a request and resolves with the answer, whatever its status. A connection that is closed under a GET is
   * replaced once; nothing else is ever sent again. Rejects with PveUnreachable, PveTlsError,
   * PveProtocolError (too long an answer) or the reason of the signal.
   */
  async send(request: WireRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#sendOnce(request, signal);
    } catch (error) {
      if (request.method !== "GET" || !(error instanceof ConnectionCut)) throw error;
      return this.#sendOnce(request, signal);
    }
  }

  /** Closes every connection; requests under way fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #sendOnce(request: WireRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, route, target, headers, body } = request;
    const startedAt = performance.now();
    const exchange = new Exchange(signal, this.#maxResponseBytes);
    let status: number | undefined;
    try {
      this.#pool.dispatch(
        { method, path: target, headers: { ...headers, "user-agent": USER_AGENT }, body: body ?? null },
        exchange,
      );
      const answer = await exchange.answer;
      status = answer.status;
      return answer;
    } catch (error) {
      throw signal.aborted && error === signal.reason && !(error instanceof DeadlinePassed)
        ? error
        : this.#explain(error as Error, request, exchange);
    } finally {
      this.#onRequest({ method, route, status, milliseconds: performance.now() - startedAt });
    }
  }

  #explain(error: Error, request: WireRequest, exchange: Exchange): Error {
    const sent = exchange.sent && request.isLogin !== true;
    if (error instanceof PveTlsError) return error;
    if (error instanceof AnswerTooLong) return new PveProtocolError(request, error.message);
    if (error instanceof DeadlinePassed) {
      const what = exchange.sent ? error.message : `${error.message}: it never got a connection`;
      return new PveUnreachable(request, `${this.#host}: ${what}`, { sent });
    }
    const Unreachable = sent ? ConnectionCut : PveUnreachable;
    return new Unreachable(request, `${this.#host}: ${reasonOf(error)}`, { sent, cause: error });
  }
}

/** The connection ended between the first byte of the request and the last of its answer. */
class ConnectionCut extends PveUnreachable {}

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function reasonOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return (first as Error).message;
}
