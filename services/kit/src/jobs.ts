import { randomBytes, randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { type Operation, OperationState } from "@virtrigaud/proto";
import { abortReason, asProviderError } from "./errors/as-provider-error.ts";
import { toOperationError } from "./errors/operation-error.ts";
import { ProviderError } from "./errors/provider-error.ts";
import { decodeOperationName, encodeOperationName } from "./operation-name.ts";

/** How many ended jobs are remembered; the oldest is forgotten first. */
const REMEMBERED = 1_000;
const KIND = "job";

export type OperationResult = NonNullable<Operation["result"]>;

/** What a job's work is given. */
export interface JobContext {
  /** Aborted by {@link Jobs.cancel} and by the daemon's end. */
  readonly signal: AbortSignal;
  /** Tells how far it is, 0 to 100; what would fall back is left out. */
  readonly progress: (percent: number) => void;
}

export interface Job {
  /** Work with the key of work that is under way joins it. */
  readonly key: string;
  /** For people: "import image ubuntu". */
  readonly description: string;
  /** Answers what the operation brings, or undefined. */
  readonly run: (context: JobContext) => Promise<OperationResult | undefined>;
}

interface Entry {
  readonly job: Job;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  operation: Operation;
}

/**
 * Work that lives in this daemon, as operations: transfers, probes, proofs. A daemon that restarted answers INTERRUPTED for what its
 * predecessor had under way; whoever asked repeats the ensure that started it.
 */
export class Jobs {
  /** Of this run of the daemon: tells its jobs from those of the one before. */
  readonly #run = randomBytes(6).toString("hex");
  readonly #byId = new Map<string, Entry>();
  readonly #running = new Map<string, Entry>();
  readonly #onDefect: (error: ProviderError) => void;

  /** @param onDefect told of failures that the caller only sees a reference of; for the log. */
  constructor(onDefect: (error: ProviderError) => void = () => {}) {
    this.#onDefect = onDefect;
  }

  /** Starts work, or joins that of the same key; answers the operation as it is now. */
  start(job: Job): Operation {
    const present = this.#running.get(job.key);
    return (present ?? this.#begin(job)).operation;
  }

  /** The work of a key that is under way; undefined when there is none. */
  running(key: string): Operation | undefined {
    return this.#running.get(key)?.operation;
  }

  /** Whether a name is one of a job, of this run of the daemon or of another. @throws INVALID_ARGUMENT for no operation's name. */
  owns(name: string): boolean {
    return decodeOperationName(name).kind === KIND;
  }

  /** A job as it is now. @throws NOT_FOUND when it ended so long ago that it is forgotten. */
  get(name: string): Operation {
    const [run = "", id = "", description = ""] = decodeOperationName(name).fields;
    if (run !== this.#run) return interrupted(name, description);
    const entry = this.#byId.get(id);
    if (entry !== undefined) return entry.operation;
    throw new ProviderError({
      code: status.NOT_FOUND,
      reason: "OPERATION_NOT_FOUND",
      message: `${description} ended long ago; repeat the call that started it`,
    });
  }

  /** Waits for a job, at most so long and not beyond the signal; answers it as it is then. Saves a caller of quick work a second call. */
  async settle({ name }: Operation, ms: number, signal: AbortSignal): Promise<Operation> {
    const [, id = ""] = decodeOperationName(name).fields;
    signal.throwIfAborted();
    const soon = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
    const { promise: over, resolve } = withResolvers();
    soon.addEventListener("abort", resolve, { once: true });
    await Promise.race([this.#byId.get(id)?.ended, over]);
    signal.throwIfAborted();
    return this.get(name);
  }

  /** Asks a job to end and answers it as it is then; one that ended stays as it is. @throws NOT_FOUND as {@link get}. */
  async cancel(name: string): Promise<Operation> {
    const [run = "", id = ""] = decodeOperationName(name).fields;
    const entry = run === this.#run ? this.#byId.get(id) : undefined;
    entry?.controller.abort(cancelled());
    await entry?.ended;
    return this.get(name);
  }

  /** Ends all work; resolves when it has ended. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort(shuttingDown());
    await Promise.all(running.map(({ ended }) => ended));
  }

  #begin(job: Job): Entry {
    const id = randomUUID();
    const controller = new AbortController();
    const operation: Operation = {
      name: encodeOperationName(KIND, [this.#run, id, job.description]),
      description: job.description,
      state: OperationState.RUNNING,
      progressPercent: undefined,
      error: undefined,
      startTime: new Date(),
      endTime: undefined,
      result: undefined,
    };
    const { promise: ended, resolve } = withResolvers();
    const entry: Entry = { job, controller, ended, operation };
    this.#byId.set(id, entry);
    this.#running.set(job.key, entry);
    void this.#work(entry).then(resolve);
    return entry;
  }

  async #work(entry: Entry): Promise<void> {
    const { job, controller } = entry;
    const { signal } = controller;
    const progress = (percent: number) => {
      const { state, progressPercent = 0 } = entry.operation;
      const whole = Math.floor(Math.min(Math.max(percent, 0), 100));
      if (state === OperationState.RUNNING && whole >= progressPercent)
        entry.operation = { ...entry.operation, progressPercent: whole };
    };
    let end: Partial<Operation>;
    try {
      const result = await job.run({ signal, progress });
      end = { state: OperationState.SUCCEEDED, progressPercent: 100, result };
    } catch (error) {
      end = this.#failure(error, signal);
    }
    entry.operation = { ...entry.operation, ...end, endTime: new Date() };
    this.#running.delete(job.key);
    this.#forgetOldest();
  }

  #failure(error: unknown, signal: AbortSignal): Partial<Operation> {
    const wasEnded = signal.aborted && (error === signal.reason || !(error instanceof ProviderError));
    const known = wasEnded ? abortReason(signal) : asProviderError(error, signal);
    if (known.code === status.INTERNAL) this.#onDefect(known);
    const state = known.code === status.CANCELLED ? OperationState.CANCELLED : OperationState.FAILED;
    return { state, error: toOperationError(known) };
  }

  #forgetOldest(): void {
    for (const [id, { operation }] of this.#byId) {
      if (this.#byId.size <= REMEMBERED) return;
      if (operation.state !== OperationState.RUNNING) this.#byId.delete(id);
    }
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const cancelled = (): ProviderError =>
  new ProviderError({ code: status.CANCELLED, reason: "CANCELLED", message: "the work was cancelled" });

const shuttingDown = (): ProviderError => interruption("the provider is shutting down");

const interruption = (why: string): ProviderError =>
  new ProviderError({
    code: status.ABORTED,
    reason: "INTERRUPTED",
    message: `${why}; repeat the call that started this work`,
    retryAfterMs: 500,
  });

const interrupted = (name: string, description: string): Operation => ({
  name,
  description,
  state: OperationState.FAILED,
  progressPercent: undefined,
  error: toOperationError(interruption("the provider restarted meanwhile")),
  startTime: undefined,
  endTime: undefined,
  result: undefined,
});
