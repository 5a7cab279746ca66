/** What a statistics daemon told last of one VM, and in which of its rounds. */
interface Told<T> {
  readonly round: number;
  readonly entry: T;
}

/**
 * What the nodes tell each other about VMs. Their daemon does so every ten seconds, so that cluster-wide lists
 * show a new VM as unknown, and a changed one as it was, until the next round.
 */
export class Statistics<T> {
  readonly #roundMs: number;
  readonly #told = new Map<number, Told<T>>();

  constructor(roundMs: number) {
    this.#roundMs = roundMs;
  }

  /** What the others know of a VM that exists since `sinceMs`; undefined while they know nothing. */
  of(vmid: number, sinceMs: number, look: () => T): T | undefined {
    const round = this.#round(Date.now());
    const told = this.#told.get(vmid);
    if (told?.round === round || this.#round(sinceMs) === round) return told?.entry;
    const entry = look();
    this.#told.set(vmid, { round, entry });
    return entry;
  }

  #round(ms: number): number {
    return Math.floor(ms / this.#roundMs);
  }
}
