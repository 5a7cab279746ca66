import type { Credentials } from "./credentials.ts";
import { waitFor, withDeadline } from "./deadline.ts";
import { PveError } from "./errors.ts";
import { type Login, logIn } from "./login.ts";
import { RefusedCredentials } from "./refused-credentials.ts";
import type { Transport } from "./transport.ts";

export interface SessionOptions {
  readonly transport: Transport;
  /** Asked before every login, so that rotated credentials are found. */
  readonly credentials: () => Promise<Credentials>;
  /** Epoch milliseconds. Default Date.now. */
  readonly now?: () => number;
}

const LOGIN = { method: "POST", path: "/access/ticket" };
const LOGIN_DEADLINE_MS = 30_000;

/** How long a login is used: half of a ticket's two hours; a token as long as its rotation may go unnoticed. */
const LIFETIME_MS = { password: 3_600_000, token: 60_000 } as const;

/** One login shared by all calls: made when first needed, and again before it expires or when PVE has forgotten it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #now: () => number;
  readonly #refused: RefusedCredentials;
  #login: Promise<Login> | undefined;
  #expiresAt = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#refused = new RefusedCredentials(this.#now);
  }

  /**
   * Runs `work` logged in. A 401 means that PVE did nothing, so after one new login the work is run once more. Throws
   * PveCredentialsRefused when the credentials are refused.
   */
  async run<T>(work: (login: Login) => Promise<T>, signal: AbortSignal): Promise<T> {
    const pending = this.#ensureLogin();
    const login = await waitFor(pending, signal);
    try {
      return await work(login);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      // A ticket may just have expired; a token that is refused stays refused until it is replaced.
      if (login.credentials.kind === "token") this.#refused.note(login.credentials, error.reason);
    }
    // Of many calls that meet the same expiry, the first drops the login and the others find the new one.
    if (this.#login === pending) this.#login = undefined;
    return work(await waitFor(this.#ensureLogin(), signal));
  }

  #ensureLogin(): Promise<Login> {
    if (this.#login === undefined || this.#now() >= this.#expiresAt) {
      this.#expiresAt = Number.POSITIVE_INFINITY;
      const pending = this.#logIn();
      this.#login = pending;
      pending.catch(() => {
        if (this.#login === pending) this.#login = undefined;
      });
    }
    return this.#login;
  }

  async #logIn(): Promise<Login> {
    const credentials = await this.#options.credentials();
    this.#refused.check(credentials);
    const startedAt = this.#now();
    try {
      const login = await withDeadline(LOGIN, { deadlineMs: LOGIN_DEADLINE_MS }, (signal) =>
        logIn(this.#options.transport, credentials, signal),
      );
      this.#expiresAt = startedAt + LIFETIME_MS[credentials.kind];
      return login;
    } catch (error) {
      throw isUnauthorized(error) ? this.#refused.note(credentials, error.reason) : error;
    }
  }
}

function isUnauthorized(error: unknown): error is PveError {
  return error instanceof PveError && error.status === 401;
}
