import { createHash } from "node:crypto";
import { VimInvalidLogin } from "./errors.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** vCenter locks an account after five refusals in three minutes: one try a minute stays below that. */
const PAUSE_MS = 60_000;

/** Remembers, as a digest, the credentials the server last refused, so that they are not tried over and over. */
export class RefusedCredentials {
  readonly #now: () => number;
  #digest = "";
  #retryAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws VimInvalidLogin while these very credentials are known to be refused; others pass at once. */
  check(credentials: Credentials): void {
    if (this.#now() < this.#retryAt && digest(credentials) === this.#digest) throw this.#error();
  }

  /** Notes a refusal and returns the error that reports it. */
  note(credentials: Credentials): VimInvalidLogin {
    this.#digest = digest(credentials);
    this.#retryAt = this.#now() + PAUSE_MS;
    return this.#error();
  }

  #error(): VimInvalidLogin {
    const message =
      "the server refuses the user name or password of the credential secret: " +
      `they are not tried again for ${PAUSE_MS / 1000} s, new ones at once`;
    return new VimInvalidLogin(message, this.#retryAt);
  }
}

function digest({ username, password }: Credentials): string {
  return createHash("sha256")
    .update(JSON.stringify([username, password]))
    .digest("hex");
}
