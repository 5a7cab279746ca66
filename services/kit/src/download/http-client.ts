import { Agent, type Dispatcher, request } from "undici";
import { AddressGuard, ForbiddenAddress } from "./address-guard.ts";
import { notServed, refused, unreachable } from "./failures.ts";
import { nextHop } from "./next-hop.ts";
import { publicName } from "./public-name.ts";

const MAX_REDIRECTS = 5;
const CONNECT_MS = 10_000;

type Response = Dispatcher.ResponseData;

/** What the next GET needs to know. */
export interface Get {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Whether the file may come over http although https was asked for: then something else must vouch for it. */
  readonly mayDowngrade: boolean;
}

export interface HttpClientOptions {
  readonly allowedHosts: readonly string[];
  /** Longest silence of a server, in milliseconds. */
  readonly idleMs: number;
}

/** HTTP for files of strangers: guarded addresses, guarded redirects, no endless waits. Reads no proxy settings. */
export class HttpClient {
  readonly #guard: AddressGuard;
  readonly #agent: Agent;

  constructor({ allowedHosts, idleMs }: HttpClientOptions) {
    this.#guard = new AddressGuard(allowedHosts);
    this.#agent = new Agent({
      connect: { lookup: this.#guard.lookup, timeout: CONNECT_MS },
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
    });
  }

  /**
   * Answers the first response that is no redirect; its body must be read or destroyed.
   * @throws ProviderError IMAGE_UNREACHABLE, IMAGE_REFUSED; the signal's reason.
   */
  async get({ url, headers, signal, mayDowngrade }: Get): Promise<Response> {
    let at = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.#getOnce(at, headers, signal);
      const location = redirectOf(response);
      if (location === undefined) return response;
      response.body.on("error", () => {}).destroy();
      at = nextHop(at, location, mayDowngrade);
    }
    throw refused(publicName(url), `it was redirected more than ${MAX_REDIRECTS} times`);
  }

  /** Breaks what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #getOnce(url: URL, headers: Get["headers"], signal: AbortSignal): Promise<Response> {
    const bare = new URL(url);
    bare.username = "";
    bare.password = "";
    try {
      this.#guard.check(bare);
      return await request(bare, {
        dispatcher: this.#agent,
        signal,
        headers: {
          ...headers,
          // A length and a position are those of the file only where it comes as it is.
          "accept-encoding": "identity",
          "user-agent": "virtrigaud",
          ...authorization(url),
        },
      });
    } catch (error) {
      signal.throwIfAborted();
      throw connectionFailure(publicName(url), error);
    }
  }
}

function authorization({ username, password }: URL): { authorization?: string } {
  if (username === "" && password === "") return {};
  const login = [username, password].map(unescape).join(":");
  return { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
}

/** A URL may hold a percent sign that escapes nothing. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const redirectOf = ({ statusCode, headers }: Response): string | undefined => {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  return typeof headers.location === "string" ? headers.location : undefined;
};

/** Of what OpenSSL and Node call certificates that they do not accept. */
const certificateCodes = /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

function connectionFailure(name: string, error: unknown): Error {
  if (error instanceof ForbiddenAddress) return refused(name, error.message);
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (certificateCodes.test(code))
    return notServed(
      name,
      `the server's certificate is not accepted (${message}); have it signed by a known authority, or name that in NODE_EXTRA_CA_CERTS`,
      error,
    );
  if (code === "ENOTFOUND") return notServed(name, "the host's name is not known; correct the URL", error);
  return unreachable(name, message || code, error);
}
