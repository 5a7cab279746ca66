/** How many are remembered; the oldest is forgotten first and looked up again when it is needed. */
const most = 20_000;
/** How long a marker that was read is taken to be still there. */
const freshMs = 10_000;

/** Which object a uid belonged to when it was last read, which saves a look-up. Never more than a hint. */
export class Hints {
  readonly #ids = new Map<string, { id: string; at: number }>();

  /** Managed object id of a uid's VM, however old the knowledge is. */
  get(uid: string): string | undefined {
    return this.#ids.get(uid)?.id;
  }

  /** The same, as long as it is worth acting on without another look. */
  getFresh(uid: string): string | undefined {
    const hint = this.#ids.get(uid);
    return hint !== undefined && Date.now() - hint.at < freshMs ? hint.id : undefined;
  }

  remember(uid: string, id: string): void {
    this.#ids.delete(uid);
    this.#ids.set(uid, { id, at: Date.now() });
    if (this.#ids.size <= most) return;
    const [oldest] = this.#ids.keys();
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  forget(uid: string): void {
    this.#ids.delete(uid);
  }
}
