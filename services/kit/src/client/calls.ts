import {
  type ClientReadableStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { ProviderClient } from "@virtrigaud/proto";
import { pause } from "../poll.ts";
import type { Request, Response, StreamRpc, UnaryRpc } from "../rpc.ts";
import { fromServiceError, ProviderCallError } from "./call-error.ts";

/** When a call is given up. */
export interface CallLimits {
  /** The caller's own. */
  readonly signal: AbortSignal;
  /** Aborted when the connection is closed. */
  readonly closing: AbortSignal;
  /** Milliseconds of Date.now(); Infinity: never. */
  readonly deadline: number;
}

type UnaryMethod<K extends UnaryRpc> = (
  request: Request<K>,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: Response<K>) => void,
) => ClientUnaryCall;

/** One attempt of a unary call. @throws ProviderCallError; CANCELLED when it was given up. */
export function callUnary<K extends UnaryRpc>(
  client: ProviderClient,
  rpc: K,
  request: Request<K>,
  limits: CallLimits,
): Promise<Response<K>> {
  return new Promise((resolve, reject) => {
    throwIfGivenUp(rpc, limits);
    const method = client[rpc].bind(client) as unknown as UnaryMethod<K>;
    const call = method(request, new Metadata(), { deadline: limits.deadline }, (error, response) => {
      forget();
      if (error === null) resolve(response);
      else reject(givenUp(rpc, limits) ?? fromServiceError(error, rpc, client.getChannel().getTarget()));
    });
    const forget = whenGivenUp(limits, () => call.cancel());
  });
}

type StreamMethod<K extends StreamRpc> = (
  request: Request<K>,
  metadata: Metadata,
  options: { deadline: number },
) => ClientReadableStream<Response<K>>;

/** A streaming call. Leaving the iteration cancels it. @throws ProviderCallError */
export async function* callStream<K extends StreamRpc>(
  client: ProviderClient,
  rpc: K,
  request: Request<K>,
  limits: CallLimits,
): AsyncGenerator<Response<K>> {
  throwIfGivenUp(rpc, limits);
  const method = client[rpc].bind(client) as unknown as StreamMethod<K>;
  const stream = method(request, new Metadata(), { deadline: limits.deadline });
  const forget = whenGivenUp(limits, () => stream.cancel());
  try {
    for await (const message of stream) yield message as Response<K>;
  } catch (error) {
    const target = client.getChannel().getTarget();
    throw givenUp(rpc, limits) ?? fromServiceError(error as ServiceError, rpc, target);
  } finally {
    forget();
    // An iteration that is left early destroys the stream, and grpc-js reports that as an error to whoever listens.
    stream.on("error", () => undefined);
    stream.cancel();
  }
}

/** Waits between calls. @throws ProviderCallError CANCELLED when the signal is aborted. */
export async function pauseCall(rpc: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, signal);
  } catch (error) {
    throw signal?.aborted ? cancelled(rpc, signal) : error;
  }
}

/** @throws ProviderCallError CANCELLED when the caller has given the call up, or the connection was closed. */
export function throwIfGivenUp(rpc: string, limits: CallLimits): void {
  const error = givenUp(rpc, limits);
  if (error !== undefined) throw error;
}

/** Why the call was given up on this side; undefined when it was not. */
export function givenUp(rpc: string, { signal, closing }: CallLimits): ProviderCallError | undefined {
  if (signal.aborted) return cancelled(rpc, signal);
  if (!closing.aborted) return undefined;
  const message = `${rpc}: the connection to the provider was closed on this side`;
  return new ProviderCallError({ code: status.CANCELLED, reason: "CONNECTION_CLOSED", message, rpc });
}

/** Cancels a call as soon as it is given up. @returns what undoes that. */
export function whenGivenUp({ signal, closing }: CallLimits, cancel: () => void): () => void {
  const both = [signal, closing];
  for (const one of both) one.addEventListener("abort", cancel, { once: true });
  return () => {
    for (const one of both) one.removeEventListener("abort", cancel);
  };
}

function cancelled(rpc: string, signal: AbortSignal): ProviderCallError {
  const message = `${rpc} was cancelled by the caller`;
  return new ProviderCallError({
    code: status.CANCELLED,
    reason: "CANCELLED",
    message,
    rpc,
    cause: signal.reason,
  });
}
