import { once } from "node:events";
import {
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { ProviderService } from "@virtrigaud/proto";
import type { Context } from "./context.ts";
import { Fault, toStatus } from "./fault.ts";
import { assertServed } from "./gate.ts";
import type { RpcName, Rpcs } from "./rpcs.ts";

type Unary = (request: unknown, signal: AbortSignal) => unknown;
type Stream = (request: unknown, signal: AbortSignal) => AsyncIterable<unknown>;

/** The RPCs on the wire: errors become statuses with details, a caller's cancellation becomes an aborted signal. */
export function implementation(context: Context, rpcs: Rpcs): UntypedServiceImplementation {
  const table: UntypedServiceImplementation = {};
  for (const name of Object.keys(ProviderService) as RpcName[]) {
    // The generated service and Rpcs are derived from one another; only this loop forgets which request belongs to which RPC.
    const guard = (request: unknown) => assertServed(context, name, request as never);
    table[name] = ProviderService[name].responseStream
      ? stream(guard, rpcs[name] as unknown as Stream)
      : unary(guard, rpcs[name] as unknown as Unary);
  }
  return table;
}

function unary(guard: (request: unknown) => void, rpc: Unary) {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
    const answer = async () => {
      guard(call.request);
      return rpc(call.request, cancellation(call));
    };
    answer().then(
      (response) => callback(null, response),
      (error) => callback(answerFor(error)),
    );
  };
}

function stream(guard: (request: unknown) => void, rpc: Stream) {
  return (call: ServerWritableStream<unknown, unknown>) => {
    const signal = cancellation(call);
    const send = async () => {
      guard(call.request);
      for await (const message of rpc(call.request, signal)) {
        if (!call.write(message)) await once(call, "drain", { signal });
      }
    };
    send().then(
      () => call.end(),
      (error) => signal.aborted || call.emit("error", answerFor(error)),
    );
  };
}

/** Only a defect is logged: the caller learns nothing of it. */
function answerFor(error: unknown) {
  if (!(error instanceof Fault)) console.error(error);
  return toStatus(error);
}

function cancellation(call: Pick<ServerUnaryCall<unknown, unknown>, "on">): AbortSignal {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  return controller.signal;
}
