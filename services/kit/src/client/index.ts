// The door for callers of providers: controller, command line, conformance suite. Nothing of a daemon is behind it.
export { status } from "@grpc/grpc-js";
export type { Request, Response, Rpc, StreamRpc, UnaryRpc } from "../rpc.ts";
export { type CallFailure, codeName, fromOperationError, ProviderCallError } from "./call-error.ts";
export {
  type CallOptions,
  connectProvider,
  type ConnectOptions,
  type ProviderCalls,
  type ProviderConnection,
} from "./connect.ts";
export type { ClientTls, ClientTlsBuffers, ClientTlsFiles } from "./credentials.ts";
export type { ServingStatus } from "./health.ts";
export {
  type EnsureResponse,
  type OperationCalls,
  untilComplete,
  waitForOperation,
  type WaitOptions,
} from "./operations.ts";
export { BREAKER_OPEN } from "./retry.ts";
