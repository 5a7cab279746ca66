import type { ServiceContent } from "../vim/types.ts";
import { waitFor } from "@virtrigaud/kit";
import { VimFault } from "./errors.ts";
import { type Credentials, RefusedCredentials } from "./refused-credentials.ts";
import type { SoapPort } from "./soap-port.ts";

export interface SessionOptions {
  readonly port: SoapPort;
  /** Asked before every login, so that rotated credentials are found. */
  readonly credentials: () => Promise<Credentials>;
  /** Epoch milliseconds. Default Date.now. */
  readonly now?: () => number;
}

/** Older than any supported server, and enough to ask for the version it speaks. */
const FIRST_CONTACT_VERSION = "6.0";

const LOGIN_DEADLINE_MS = 30_000;
const LOGOUT_DEADLINE_MS = 5_000;

const REFUSALS = new Set(["InvalidLogin", "PasswordExpired"]);

/** One login shared by all calls: made when first needed, and again when the server has forgotten it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #refused: RefusedCredentials;
  #login: Promise<ServiceContent> | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#refused = new RefusedCredentials(options.now ?? Date.now);
  }

  /**
   * Runs `work` logged in. A NotAuthenticated fault means the server did nothing, so after one new login the work
   * is run once more. Throws VimInvalidLogin when the credentials are refused.
   */
  async run<T>(work: (content: ServiceContent) => Promise<T>, signal: AbortSignal): Promise<T> {
    const login = this.#ensureLogin();
    const content = await waitFor(login, signal);
    try {
      return await work(content);
    } catch (error) {
      if (!(error instanceof VimFault && error.faultType === "NotAuthenticated")) throw error;
    }
    // Of many calls that meet the same expiry, the first drops the login and the others find the new one.
    if (this.#login === login) this.#login = undefined;
    return work(await waitFor(this.#ensureLogin(), signal));
  }

  /** Logs out, if logged in. The server drops sessions by itself in time, so failing to log out is no error. */
  async close(): Promise<void> {
    this.#closed = true;
    const content = await this.#login?.catch(() => undefined);
    if (content === undefined) return;
    const options = {
      signal: AbortSignal.timeout(LOGOUT_DEADLINE_MS),
      apiVersion: content.about.apiVersion,
    };
    await this.#options.port.invoke("Logout", content.sessionManager, {}, options).catch(() => undefined);
  }

  #ensureLogin(): Promise<ServiceContent> {
    if (this.#closed) return Promise.reject(new Error("the vSphere client is closed"));
    if (this.#login === undefined) {
      const login = this.#logIn();
      this.#login = login;
      login.catch(() => {
        if (this.#login === login) this.#login = undefined;
      });
    }
    return this.#login;
  }

  async #logIn(): Promise<ServiceContent> {
    const { port } = this.#options;
    const credentials = await this.#options.credentials();
    this.#refused.check(credentials);
    const signal = AbortSignal.timeout(LOGIN_DEADLINE_MS);
    const instance = { type: "ServiceInstance", value: "ServiceInstance" } as const;
    const first = { signal, apiVersion: FIRST_CONTACT_VERSION };
    const content = await port.invoke("RetrieveServiceContent", instance, {}, first);
    const { username: userName, password } = credentials;
    const options = { signal, apiVersion: content.about.apiVersion, startsSession: true };
    try {
      await port.invoke("Login", content.sessionManager, { userName, password }, options);
    } catch (error) {
      if (error instanceof VimFault && REFUSALS.has(error.faultType)) throw this.#refused.note(credentials);
      throw error;
    }
    return content;
  }
}
