import { Pool } from "undici";
import { parseEndpoint } from "./endpoint.ts";
import type { SoapAnswer } from "./envelope.ts";
import { VimProtocolError, VimTlsError, VimUnreachable } from "./errors.ts";
import { Exchange, type RoundTrip } from "./exchange.ts";
import type { ResponseDecoder } from "./response-decoder.ts";
import { SessionCookie } from "./session-cookie.ts";
import { type ServerTrust, trustingConnector } from "./tls.ts";

export interface TransportOptions {
  /** "https://vcenter.example/sdk"; http only with trust mode "insecure". */
  readonly endpoint: string;
  readonly trust: ServerTrust;
  /** Connections kept open at most; further calls queue. A long poll occupies one. Default 8. */
  readonly maxConnections?: number;
  /** Largest answer accepted, in bytes. Default 256 MiB. */
  readonly maxResponseBytes?: number;
  /** Told of every round trip, for metrics and tests. Must not throw. */
  readonly onRoundTrip?: (roundTrip: RoundTrip) => void;
}

export interface PostOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the exchange; a TimeoutError reason is reported as VimUnreachable, any other is thrown as it is. */
  readonly signal: AbortSignal;
  /** Send no session cookie, and from now on the one that the answer sets. */
  readonly startsSession: boolean;
  readonly decoder: ResponseDecoder;
}

/** Shown in vCenter's list of sessions. */
const USER_AGENT = "virtrigaud-provider-vsphere";

const IDLE_CONNECTION_MS = 15_000;

/** HTTP to one endpoint: pooled connections, the session cookie, limits, and errors that say what happened. */
export class Transport {
  readonly #endpoint: URL;
  readonly #pool: Pool;
  readonly #cookie = new SessionCookie();
  readonly #maxResponseBytes: number;
  readonly #onRoundTrip: (roundTrip: RoundTrip) => void;

  /** Opens nothing yet. Throws VimTlsError or TypeError for an endpoint or trust that makes no sense. */
  constructor(options: TransportOptions) {
    this.#endpoint = parseEndpoint(options.endpoint, options.trust);
    this.#pool = new Pool(this.#endpoint.origin, {
      connect: trustingConnector(options.trust),
      connections: options.maxConnections ?? 8,
      keepAliveTimeout: IDLE_CONNECTION_MS,
      // Deadlines are the caller's: a WaitForUpdatesEx is silent for minutes.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#maxResponseBytes = options.maxResponseBytes ?? 256 * 2 ** 20;
    this.#onRoundTrip = options.onRoundTrip ?? (() => {});
  }

  /** Posts one SOAP call and decodes its answer as it arrives. */
  async post(call: PostOptions): Promise<SoapAnswer> {
    const exchange = new Exchange(call.method, call.body);
    try {
      return await this.#exchange(call, exchange);
    } catch (error) {
      throw this.#explain(error, call, exchange);
    } finally {
      this.#onRoundTrip(exchange.report());
    }
  }

  /** Closes every connection; calls under way fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #exchange(call: PostOptions, exchange: Exchange): Promise<SoapAnswer> {
    const { statusCode, headers, body } = await this.#pool.request({
      path: this.#endpoint.pathname,
      method: "POST",
      headers: {
        ...call.headers,
        "user-agent": USER_AGENT,
        "content-length": String(exchange.bytesOut),
        ...(call.startsSession ? {} : this.#cookie.header()),
      },
      body: exchange.body(),
      signal: call.signal,
    });
    exchange.status = statusCode;
    if (!mayHoldSoap(statusCode, headers["content-type"])) {
      await body.dump();
      throw new NotSoap(statusCode);
    }
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      exchange.bytesIn += chunk.byteLength;
      if (exchange.bytesIn > this.#maxResponseBytes) {
        throw new VimProtocolError(`${call.method}: the answer exceeds ${this.#maxResponseBytes} bytes`);
      }
      call.decoder.write(chunk);
    }
    const answer = call.decoder.end();
    if (call.startsSession) this.#cookie.replace(headers["set-cookie"]);
    return answer;
  }

  #explain(error: unknown, call: PostOptions, exchange: Exchange): unknown {
    if (error instanceof VimTlsError) return error;
    const where = `${call.method} at ${this.#endpoint.host}`;
    const requestSent = exchange.bodyTaken ? "maybe" : "no";
    if (call.signal.aborted) {
      if ((call.signal.reason as Error | undefined)?.name !== "TimeoutError") return call.signal.reason;
      return new VimUnreachable(`${where}: no answer before the deadline`, { requestSent });
    }
    if (error instanceof NotSoap || (error instanceof VimProtocolError && exchange.status !== 200)) {
      const message = `${where}: HTTP ${exchange.status} without a SOAP fault: is this a vSphere /sdk endpoint?`;
      return new VimUnreachable(message, { requestSent, cause: error });
    }
    if (error instanceof VimProtocolError) return error;
    return new VimUnreachable(`${where}: ${reasonOf(error)}`, { requestSent, cause: error });
  }
}

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function reasonOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return (first as Error).message;
}

/** Something other than a vSphere API answered, e.g. a proxy. */
class NotSoap extends Error {
  constructor(status: number) {
    super(`HTTP ${status}, not XML`);
  }
}

/** vSphere answers 200, and 500 with a fault. */
function mayHoldSoap(status: number, contentType: string | string[] | undefined): boolean {
  return (status === 200 || status === 500) && String(contentType).includes("xml");
}
