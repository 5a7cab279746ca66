import { ProviderCallError, type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import { type Operation, PrepareImageRequest } from "@virtrigaud/proto";
import { type Failure, failureOf } from "../../failure.ts";
import type { ImageOrder } from "./order.ts";
import { imageRetryMs } from "./retry.ts";

/** Where an image stands at a provider. */
export type ImageState =
  | { readonly kind: "ready" }
  | { readonly kind: "preparing"; readonly operation: Operation }
  /** `failure.retryAfterMs` is the time until it is tried again. */
  | { readonly kind: "failed"; readonly failure: Failure };

interface Entry {
  state: ImageState | undefined;
  failures: number;
  dueAtMs: number;
  /** Resolves when the provider answered for the first time. */
  answered: Promise<void>;
  /** Keys of VMs that wait for it. */
  readonly waiting: Set<string>;
}

/** A tenth of the way is worth telling; each one costs a write per VM that waits. */
const STEP_PERCENT = 10;

/** Images that providers prepare: each once, however many VMs are to be made from it, and outside of the queue's workers. */
export class ImagePreparations {
  /** What a provider has is known for as long as the connection to it lasts. */
  readonly #entries = new WeakMap<ProviderConnection, Map<string, Entry>>();
  readonly #wake: (key: string) => void;
  readonly #signal: AbortSignal;
  readonly #nowMs: () => number;

  /** @param wake called when there is something new about the image that a key waits for: time to look at its VM */
  constructor(wake: (key: string) => void, signal: AbortSignal, nowMs = Date.now) {
    this.#wake = wake;
    this.#signal = signal;
    this.#nowMs = nowMs;
  }

  /** Sees that the image is being prepared or is ready, and answers which; while it is not ready, the key is woken. */
  async ensure(key: string, connection: ProviderConnection, order: ImageOrder): Promise<ImageState> {
    const entry = this.#entry(connection, order);
    entry.waiting.add(key);
    await entry.answered;
    const state = entry.state;
    if (state === undefined) throw new Error("an image preparation was answered without a state");
    if (state.kind === "preparing") return state;
    entry.waiting.delete(key);
    if (state.kind === "ready") return state;
    const retryAfterMs = Math.max(0, entry.dueAtMs - this.#nowMs());
    return { kind: "failed", failure: { ...state.failure, retryAfterMs } };
  }

  /** Somebody may have removed it: look anew before it is used again. */
  forget(connection: ProviderConnection, order: ImageOrder): void {
    const entries = this.#entries.get(connection);
    if (entries?.get(keyOf(order))?.state?.kind === "ready") entries.delete(keyOf(order));
  }

  #entry(connection: ProviderConnection, order: ImageOrder): Entry {
    const entries = this.#entries.get(connection) ?? new Map<string, Entry>();
    this.#entries.set(connection, entries);
    const key = keyOf(order);
    const present = entries.get(key);
    const again = present?.state?.kind === "failed" && present.dueAtMs <= this.#nowMs();
    if (present !== undefined && !again) return present;
    const entry: Entry = present ?? {
      state: undefined,
      failures: 0,
      dueAtMs: 0,
      answered: Promise.resolve(),
      waiting: new Set(),
    };
    entries.set(key, entry);
    entry.state = undefined;
    entry.answered = new Promise((resolve) => void this.#prepare(entry, connection, order, resolve));
    return entry;
  }

  /** Never rejects: a failure is a state. */
  async #prepare(
    entry: Entry,
    connection: ProviderConnection,
    { request, timeoutMs, retries }: ImageOrder,
    answered: () => void,
  ): Promise<void> {
    const signal = this.#signal;
    let end: ImageState;
    try {
      await untilComplete(connection, (options) => connection.prepareImage(request, options), {
        signal,
        timeoutMs,
        onProgress: (operation) => {
          const before = entry.state;
          entry.state = { kind: "preparing", operation };
          answered();
          if (stepOf(before) !== stepOf(entry.state)) this.#tell(entry, before);
        },
      });
      entry.failures = 0;
      end = { kind: "ready" };
    } catch (error) {
      const failure = readFailure(error);
      entry.failures += 1;
      entry.dueAtMs = this.#nowMs() + imageRetryMs(failure, entry.failures, retries);
      end = { kind: "failed", failure };
    }
    const before = entry.state;
    entry.state = end;
    answered();
    this.#tell(entry, before);
  }

  /** The first answer needs no waking: those who wait for it are awake. */
  #tell({ waiting }: Entry, before: ImageState | undefined): void {
    if (before !== undefined && !this.#signal.aborted) for (const key of waiting) this.#wake(key);
  }
}

/** Two orders of the same thing have the same key; how long it may take is not part of it. */
function keyOf({ request }: ImageOrder): string {
  return JSON.stringify(PrepareImageRequest.toJSON(request));
}

function stepOf(state: ImageState | undefined): string {
  if (state?.kind !== "preparing") return state?.kind ?? "";
  const { name, progressPercent = 0 } = state.operation;
  return `${name} ${Math.floor(progressPercent / STEP_PERCENT)}`;
}

function readFailure(error: unknown): Failure {
  if (error instanceof ProviderCallError) return failureOf(error);
  return { reason: "INTERNAL", message: String(error), passing: true, retryAfterMs: undefined };
}
