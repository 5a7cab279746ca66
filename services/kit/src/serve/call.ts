import { status } from "@grpc/grpc-js";
import { asProviderError } from "../errors/as-provider-error.ts";
import type { ProviderError } from "../errors/provider-error.ts";
import { isStream, type Rpc, rpcName } from "../rpc.ts";
import type { CallEnvironment } from "./call-environment.ts";
import { callSignal, deadlineOf, type ServerCall } from "./call-signal.ts";
import { subjectOf } from "./call-subject.ts";
import { callerOf } from "./caller.ts";
import type { Logger } from "./logger.ts";
import type { CallContext } from "./routes.ts";

/**
 * Runs one call from receipt to its end: waits for a turn, serves, and logs and counts it once, however it ends.
 * @returns what to answer with: undefined when it went well.
 */
export async function runCall<K extends Rpc>(
  rpc: K,
  call: ServerCall<K>,
  environment: CallEnvironment,
  serve: (context: CallContext) => Promise<void>,
): Promise<ProviderError | undefined> {
  const started = performance.now();
  const caller = callerOf(call).identity;
  const log = environment.log.child({ rpc: rpcName(rpc), ...subjectOf(call.request), caller });
  const deadline = deadlineOf(call);
  const stop = isStream(rpc) ? environment.stopStreams : environment.stopAll;
  const { signal, dispose } = callSignal(call, stop.signal);
  let release: (() => void) | undefined;
  let failure: ProviderError | undefined;
  try {
    release = await (isStream(rpc) ? environment.streams : environment.unary).acquire(caller, signal);
    await serve({ signal, log, caller, ...(deadline === undefined ? {} : { deadline }) });
  } catch (error) {
    failure = asProviderError(error, signal);
  } finally {
    release?.();
    dispose();
  }
  const seconds = (performance.now() - started) / 1000;
  environment.metrics.observe(rpcName(rpc), status[failure?.code ?? status.OK], seconds);
  logCall(log, rpc, seconds, failure);
  return failure;
}

const READS = /^(get|list|check|watch|plan)/;

function logCall(log: Logger, rpc: Rpc, seconds: number, failure: ProviderError | undefined): void {
  const ms = Math.round(seconds * 1e4) / 10;
  if (failure === undefined) {
    // A controller reads all the time; what it changes is what people look for.
    log[READS.test(rpc) ? "debug" : "info"]({ code: "OK", ms }, "call");
    return;
  }
  const { code, reason, message, metadata, violations, cause } = failure;
  const fields = {
    code: status[code],
    reason,
    ms,
    error: message,
    ...(violations.length > 0 ? { violations } : {}),
  };
  const native = cause === undefined ? {} : { err: cause };
  if (code === status.INTERNAL) log.error({ ...fields, reference: metadata.reference, ...native }, "call");
  else if (code === status.UNAVAILABLE) log.warn({ ...fields, ...native }, "call");
  else log.info(fields, "call");
}
