import { type BackoffLimits, backoffMs } from "./backoff.ts";

/** What the queue does with a key after its work. `retry` pauses longer each time; anything else forgets past failures. */
export type WorkResult =
  | { readonly next: "done" }
  | { readonly next: "again"; readonly afterMs: number }
  | { readonly next: "retry" };

/** How keys are worked on. */
export interface WorkQueueOptions {
  /** The work. A rejection counts as `retry` and is handed to `onError`. */
  readonly work: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  /** Which group's workers a key needs, asked anew before each run. */
  readonly groupOf: (key: string) => string;
  /** Keys of one group that are worked on at once. Groups share nothing, so a group that hangs slows no other. */
  readonly workersPerGroup: number;
  readonly backoff: BackoffLimits;
  readonly onError: (key: string, error: unknown) => void;
  /** Ends all work: nothing starts any more, and running work sees the same signal. */
  readonly signal: AbortSignal;
}

interface Item {
  state: "idle" | "waiting" | "ready" | "running";
  /** Added again while running: run once more afterwards. */
  dirty: boolean;
  failures: number;
  timer?: NodeJS.Timeout | undefined;
}

interface Group {
  readonly ready: string[];
  running: number;
}

/** A queue of keys: each key is queued at most once and worked on by at most one worker at a time. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #items = new Map<string, Item>();
  readonly #groups = new Map<string, Group>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** Asks for work on a key as soon as possible, also when it pauses after a failure. */
  add(key: string): void {
    if (this.#options.signal.aborted) return;
    const item = this.#item(key);
    if (item.state === "running") item.dirty = true;
    else if (item.state !== "ready") this.#enqueue(key, item);
  }

  /** Asks for work on a key after a pause, unless it is due earlier. */
  addAfter(key: string, delayMs: number): void {
    const item = this.#item(key);
    if (item.state !== "idle" || this.#options.signal.aborted) return;
    item.state = "waiting";
    item.timer = setTimeout(() => this.#enqueue(key, item), delayMs);
  }

  /** Resolves when no work runs. */
  async drained(): Promise<void> {
    await Promise.all(this.#running);
  }

  #item(key: string): Item {
    const item = this.#items.get(key) ?? { state: "idle", dirty: false, failures: 0 };
    this.#items.set(key, item);
    return item;
  }

  #enqueue(key: string, item: Item): void {
    clearTimeout(item.timer);
    item.state = "ready";
    const name = this.#options.groupOf(key);
    const group = this.#groups.get(name) ?? { ready: [], running: 0 };
    this.#groups.set(name, group);
    group.ready.push(key);
    this.#dispatch(group);
  }

  #dispatch(group: Group): void {
    while (group.running < this.#options.workersPerGroup && !this.#options.signal.aborted) {
      const key = group.ready.shift();
      if (key === undefined) return;
      const item = this.#items.get(key);
      if (item?.state !== "ready") continue;
      item.state = "running";
      group.running += 1;
      const run = this.#run(key, item).finally(() => {
        group.running -= 1;
        this.#running.delete(run);
        this.#dispatch(group);
      });
      this.#running.add(run);
    }
  }

  async #run(key: string, item: Item): Promise<void> {
    const result = await this.#work(key);
    item.failures = result.next === "retry" ? item.failures + 1 : 0;
    item.state = "idle";
    if (item.dirty) {
      item.dirty = false;
      this.add(key);
    } else if (result.next === "again") {
      this.addAfter(key, result.afterMs);
    } else if (result.next === "retry") {
      this.addAfter(key, backoffMs(item.failures, this.#options.backoff));
    } else {
      this.#items.delete(key);
    }
  }

  async #work(key: string): Promise<WorkResult> {
    try {
      return await this.#options.work(key, this.#options.signal);
    } catch (error) {
      if (!this.#options.signal.aborted) this.#options.onError(key, error);
      return { next: "retry" };
    }
  }

  #stop(): void {
    for (const item of this.#items.values()) clearTimeout(item.timer);
  }
}
