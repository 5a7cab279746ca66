import type { Request, Response, StreamRpc, UnaryRpc } from "../rpc.ts";
import type { Logger } from "./logger.ts";

/** What a handler knows of its call beside the request. */
export interface CallContext {
  /** Aborted by the caller's cancellation, its deadline, or the daemon's end. Pass it to every native call. */
  readonly signal: AbortSignal;
  /** Names the RPC, the VM and the caller on every line. */
  readonly log: Logger;
  /** Who calls: a name of its certificate, or its address on a plaintext connection. */
  readonly caller: string;
  /** When the caller gives up. */
  readonly deadline?: Date;
}

/** Serves one RPC that answers once. The request was validated by validateRequest. */
export type UnaryHandler<K extends UnaryRpc> = (
  request: Request<K>,
  context: CallContext,
) => Promise<Response<K>>;

/** Serves one RPC that answers with a stream. The iteration is ended early when the caller goes. */
export type StreamHandler<K extends StreamRpc> = (
  request: Request<K>,
  context: CallContext,
) => AsyncIterable<Response<K>>;

/** What a provider serves. An RPC that is left out answers UNIMPLEMENTED. */
export type Routes = { readonly [K in UnaryRpc]?: UnaryHandler<K> } & {
  readonly [K in StreamRpc]?: StreamHandler<K>;
};
