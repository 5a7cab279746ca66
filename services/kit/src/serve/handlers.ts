import { once } from "node:events";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { PlanVMResponse } from "@virtrigaud/proto";
import { asProviderError } from "../errors/as-provider-error.ts";
import { invalidArgument, ProviderError } from "../errors/provider-error.ts";
import { toStatus } from "../errors/status.ts";
import {
  isStream,
  type Request,
  type Response,
  RPCS,
  type Rpc,
  rpcName,
  type StreamRpc,
  type UnaryRpc,
} from "../rpc.ts";
import { validateRequest } from "../validate/requests.ts";
import { runCall } from "./call.ts";
import type { CallEnvironment } from "./call-environment.ts";
import type { CallContext, Routes, StreamHandler, UnaryHandler } from "./routes.ts";

/** Makes of a provider's routes what grpc-js serves: one handler for every RPC of the contract. */
export function grpcHandlers(routes: Routes, environment: CallEnvironment): UntypedServiceImplementation {
  const unary = <K extends UnaryRpc>(rpc: K) =>
    serveUnary(rpc, routes[rpc] as UnaryHandler<K> | undefined, environment);
  const stream = <K extends StreamRpc>(rpc: K) =>
    serveStream(rpc, routes[rpc] as StreamHandler<K> | undefined, environment);
  return Object.fromEntries(RPCS.map((rpc) => [rpc, isStream(rpc) ? stream(rpc) : unary(rpc)]));
}

function serveUnary<K extends UnaryRpc>(
  rpc: K,
  handler: UnaryHandler<K> | undefined,
  environment: CallEnvironment,
): handleUnaryCall<Request<K>, Response<K>> {
  return (call, callback) => {
    let response: Response<K> | undefined;
    const serve = async (context: CallContext) => {
      if (handler === undefined) throw unimplemented(rpc);
      response = answerInvalid(rpc, call.request) ?? (await handler(call.request, context));
    };
    void runCall(rpc, call, environment, serve)
      .catch((defect: unknown) => asProviderError(defect))
      .then((failure) => (failure === undefined ? callback(null, response) : callback(toStatus(failure))));
  };
}

function serveStream<K extends StreamRpc>(
  rpc: K,
  handler: StreamHandler<K> | undefined,
  environment: CallEnvironment,
): handleServerStreamingCall<Request<K>, Response<K>> {
  return (call) => {
    // A stream whose reader went away is destroyed with an error that "cancelled" has told already.
    call.on("error", () => undefined);
    const serve = async (context: CallContext) => {
      if (handler === undefined) throw unimplemented(rpc);
      answerInvalid(rpc, call.request);
      for await (const message of handler(call.request, context)) {
        context.signal.throwIfAborted();
        if (!call.write(message)) await once(call, "drain", { signal: context.signal });
      }
      context.signal.throwIfAborted();
    };
    void runCall(rpc, call, environment, serve)
      .catch((defect: unknown) => asProviderError(defect))
      .then((failure) => (failure === undefined ? call.end() : call.emit("error", toStatus(failure))));
  };
}

/**
 * The answer to a request that is wrong on its own, which no handler ever sees; undefined when it is right. PlanVM tells what is
 * wrong in its answer, all others fail.
 */
function answerInvalid<K extends Rpc>(rpc: K, request: Request<K>): Response<K> | undefined {
  const violations = validateRequest(rpc, request);
  if (violations.length === 0) return undefined;
  if (rpc === "planVm") return PlanVMResponse.create({ violations }) as Response<K>;
  throw invalidArgument(violations);
}

function unimplemented(rpc: Rpc): ProviderError {
  return new ProviderError({
    code: status.UNIMPLEMENTED,
    reason: "FEATURE_UNSUPPORTED",
    message: `${rpcName(rpc)} is not implemented by this provider; GetCapabilities tells what is`,
    metadata: { rpc: rpcName(rpc) },
  });
}
