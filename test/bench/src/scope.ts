/** What was started and must be stopped, the last first. */
export class Scope {
  readonly #stops: (() => Promise<unknown>)[] = [];
  #closing: Promise<void> | undefined;

  /** Starts something that `stop` is owed to, even when it is still starting as the scope closes. @throws when the scope is closed. */
  own<T extends object>(start: () => Promise<T>, stop: (started: T) => unknown): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new Error("interrupted"));
    const starting = start();
    this.#stops.push(async () => {
      const started = await starting.catch(() => undefined);
      if (started !== undefined) await stop(started);
    });
    return starting;
  }

  /** Stops everything; whoever uses it sees it fail. Called again, it waits for the first call. */
  close(): Promise<void> {
    this.#closing ??= this.#stopAll();
    return this.#closing;
  }

  async #stopAll(): Promise<void> {
    const problems: unknown[] = [];
    for (const stop of this.#stops.toReversed()) await stop().catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw new AggregateError(problems, "not everything could be stopped");
  }
}
