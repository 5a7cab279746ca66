import type { Dispatcher } from "undici";
import { onAbort } from "./deadline.ts";

/** An answer as it came: undecoded, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** The reason phrase of the status line. */
  readonly reason: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The answer is longer than is accepted. */
export class AnswerTooLong extends Error {
  override readonly name = "AnswerTooLong";
}

type Handler = Required<
  Pick<
    Dispatcher.DispatchHandler,
    "onRequestStart" | "onResponseStart" | "onResponseData" | "onResponseEnd" | "onResponseError"
  >
>;

/** One request on its way: undici's handler of it, because only there shows whether it was written to a connection. */
export class Exchange implements Handler {
  /** Whether any of the request may have left. */
  sent = false;
  /** Settles with the answer, the connection's error, AnswerTooLong or the reason of the signal. */
  readonly answer: Promise<HttpAnswer>;
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #head: Omit<HttpAnswer, "body"> = { status: 0, reason: "", contentType: "" };
  #controller: Dispatcher.DispatchController | undefined;
  #over: { readonly reason: Error } | undefined;
  #resolve: (answer: HttpAnswer) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(signal: AbortSignal, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.answer = new Promise<HttpAnswer>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const forget = onAbort(signal, () => this.#end(signal.reason));
    this.answer.then(forget, forget);
    if (signal.aborted) this.#end(signal.reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, undici drops the request and keeps the connection; aborted, it would close it.
    if (this.#over !== undefined) throw this.#over.reason;
    this.#controller = controller;
    this.sent = true;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    reason = "",
  ): void {
    // 1xx announce an answer, they are none.
    if (status < 200) return;
    this.#head = { status, reason, contentType: String(headers["content-type"] ?? "") };
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#maxBytes) {
      return this.#end(new AnswerTooLong(`the answer exceeds ${this.#maxBytes} bytes`));
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#resolve({ ...this.#head, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#reject(error);
  }

  /** Ends it at once, even where the request still waits for a connection. */
  #end(reason: Error): void {
    this.#over = { reason };
    this.#reject(reason);
    this.#controller?.abort(reason);
  }
}
