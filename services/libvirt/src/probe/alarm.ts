/** A signal that is aborted for a reason once a time has passed, unless it is set anew or cleared before. */
export class Alarm {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  set(ms: number, reason: Error): void {
    this.clear();
    this.#timer = setTimeout(() => this.#controller.abort(reason), ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
