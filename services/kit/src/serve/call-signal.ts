import { type ServerUnaryCall, type ServerWritableStream, status } from "@grpc/grpc-js";
import { ProviderError } from "../errors/provider-error.ts";
import type { Request, Rpc } from "../rpc.ts";

/** A call as grpc-js hands it over. */
export type ServerCall<K extends Rpc> =
  | ServerUnaryCall<Request<K>, unknown>
  | ServerWritableStream<Request<K>, unknown>;

/** When the caller gives up; undefined when it never does. */
export function deadlineOf(call: ServerCall<Rpc>): Date | undefined {
  const at = Number(call.getDeadline());
  return Number.isFinite(at) ? new Date(at) : undefined;
}

/**
 * A signal for the call's life. Its reason is always a ProviderError, so that a handler can throw it as it is.
 * @param stop ends the call from the daemon's side.
 */
export function callSignal(
  call: ServerCall<Rpc>,
  stop: AbortSignal,
): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const onCancelled = () => controller.abort(deadlinePassed(call) ? DEADLINE_EXCEEDED() : CANCELLED());
  const onStop = () => controller.abort(STOPPING());
  // grpc-js emits it also for calls that it ended itself at their deadline, which it reckons in whole milliseconds.
  call.on("cancelled", onCancelled);
  if (call.cancelled) onCancelled();
  stop.addEventListener("abort", onStop);
  if (stop.aborted) onStop();
  const dispose = () => {
    call.removeListener("cancelled", onCancelled);
    stop.removeEventListener("abort", onStop);
  };
  return { signal: controller.signal, dispose };
}

function deadlinePassed(call: ServerCall<Rpc>): boolean {
  const deadline = deadlineOf(call);
  return deadline !== undefined && Date.now() >= deadline.getTime() - 2;
}

const DEADLINE_EXCEEDED = () =>
  new ProviderError({
    code: status.DEADLINE_EXCEEDED,
    reason: "DEADLINE_EXCEEDED",
    message: "the caller's deadline passed; what was begun may go on: call again to see",
  });

const CANCELLED = () =>
  new ProviderError({
    code: status.CANCELLED,
    reason: "CANCELLED",
    message: "the caller cancelled the call; what was begun may go on: call again to see",
  });

const STOPPING = () =>
  new ProviderError({
    code: status.UNAVAILABLE,
    reason: "PROVIDER_STOPPING",
    message: "this provider is stopping; call again",
    retryAfterMs: 1_000,
  });
