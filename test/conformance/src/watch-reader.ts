import { WatchEventType, WatchVMsRequest, type WatchVMsResponse } from "@virtrigaud/proto";
import type { CaseContext } from "./case-context.ts";
import { Failure } from "./expect.ts";

/** A stream of WatchVMs that is read as a case goes on. */
export class WatchReader {
  /** Every message so far. */
  readonly messages: WatchVMsResponse[] = [];
  readonly #controller = new AbortController();
  readonly #iterator: AsyncIterator<WatchVMsResponse>;
  #pending: Promise<IteratorResult<WatchVMsResponse>> | undefined;

  constructor({ provider, signal }: CaseContext, resumeToken = "") {
    const request = WatchVMsRequest.fromPartial({ resumeToken });
    const signals = AbortSignal.any([signal, this.#controller.signal]);
    this.#iterator = provider.watchVMs(request, { signal: signals })[Symbol.asyncIterator]();
  }

  /** Reads on until a message is as wanted, and returns it; fails when none is within the time. */
  async until(
    wanted: (message: WatchVMsResponse) => boolean,
    what: string,
    timeoutMs: number,
  ): Promise<WatchVMsResponse> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const message = await this.#next(deadline, what, timeoutMs);
      this.messages.push(message);
      if (wanted(message)) return message;
    }
  }

  /** Reads until SYNCED. */
  synced(timeoutMs: number): Promise<WatchVMsResponse> {
    return this.until(({ type }) => type === WatchEventType.SYNCED, "SYNCED", timeoutMs);
  }

  /** Ends the stream. */
  close(): void {
    // The read that is under way is refused by it; nobody waits for that one any more.
    this.#pending?.catch(() => undefined);
    this.#controller.abort();
  }

  async #next(deadline: number, what: string, timeoutMs: number): Promise<WatchVMsResponse> {
    this.#pending ??= this.#iterator.next();
    const late = new Failure(`expected ${what} within ${timeoutMs} ms, got nothing of the kind`);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(late), Math.max(0, deadline - Date.now()));
    });
    try {
      const { done, value } = await Promise.race([this.#pending, timeout]);
      this.#pending = undefined;
      if (done) throw new Failure(`expected ${what}, got the end of the stream`);
      return value;
    } finally {
      clearTimeout(timer);
    }
  }
}
