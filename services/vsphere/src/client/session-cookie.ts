/** The cookies one login has set, kept as name and value: they only ever go back to the server they came from. */
export class SessionCookie {
  #cookies: readonly string[] = [];

  /** Forgets the former login's cookies and keeps those of a Set-Cookie header. */
  replace(setCookie: string | string[] | undefined): void {
    const lines = setCookie === undefined ? [] : [setCookie].flat();
    this.#cookies = lines.map((line) => (line.split(";", 1)[0] as string).trim());
  }

  header(): { cookie?: string } {
    return this.#cookies.length === 0 ? {} : { cookie: this.#cookies.join("; ") };
  }
}
