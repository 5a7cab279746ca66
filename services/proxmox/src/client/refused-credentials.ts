import { createHash } from "node:crypto";
import type { Credentials } from "./credentials.ts";
import { PveCredentialsRefused } from "./errors.ts";

/** PVE makes every refusal wait three seconds, and its manual's fail2ban rule bans a host after three of them. */
const PAUSE_MS = 60_000;

/** Remembers, as a digest, the credentials that PVE last refused, so that they are not tried over and over. */
export class RefusedCredentials {
  readonly #now: () => number;
  #digest = "";
  #retryAt = 0;
  #reason = "";

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws PveCredentialsRefused while these very credentials are known to be refused; others pass at once. */
  check(credentials: Credentials): void {
    if (this.#now() < this.#retryAt && digest(credentials) === this.#digest) throw this.#error(credentials);
  }

  /** Notes a refusal, with PVE's reason, and returns the error that reports it. */
  note(credentials: Credentials, reason: string): PveCredentialsRefused {
    this.#reason = reason;
    this.#digest = digest(credentials);
    this.#retryAt = this.#now() + PAUSE_MS;
    return this.#error(credentials);
  }

  #error(credentials: Credentials): PveCredentialsRefused {
    const what = credentials.kind === "token" ? "API token" : "user name or password";
    const message =
      `PVE refuses the ${what} of the credentials secret (${this.#reason}): ` +
      `it is not tried again for ${PAUSE_MS / 1000} s, a new one at once`;
    return new PveCredentialsRefused(message, this.#retryAt);
  }
}

const digest = (credentials: Credentials) =>
  createHash("sha256").update(JSON.stringify(credentials)).digest("hex");
