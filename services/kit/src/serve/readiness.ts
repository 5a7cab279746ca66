import { status } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { asProviderError } from "../errors/as-provider-error.ts";
import { ProviderError } from "../errors/provider-error.ts";
import { pause } from "../poll.ts";
import { SERVICE_NAME } from "../rpc.ts";
import type { Logger } from "./logger.ts";

/** Whether the daemon can serve now. */
export interface Readiness {
  /** grpc.health.v1, to be added to the server. */
  readonly health: HealthImplementation;
  /** Undefined when ready; otherwise why not, for people, without secrets. */
  reason(): string | undefined;
  /** Reports NOT_SERVING from now on, whatever the probes say. */
  stop(): void;
}

/** How the hypervisor is probed. Durations are in milliseconds. */
export interface ProbeOptions {
  /** Rejects when the hypervisor cannot be used. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly log: Logger;
  /** Ends the probing. */
  readonly signal: AbortSignal;
}

/** Probes at once and then at every interval. NOT_SERVING until the first success. */
export function watchReadiness(options: ProbeOptions): Readiness {
  let reason: string | undefined = "the hypervisor was not probed yet";
  let stopped = false;
  const health = new HealthImplementation();
  const publish = () => {
    const now = reason === undefined ? "SERVING" : "NOT_SERVING";
    health.setStatus("", now);
    health.setStatus(SERVICE_NAME, now);
  };
  const settle = (error: ProviderError | undefined) => {
    if (stopped || error?.message === reason) return;
    logChange(options.log, error);
    reason = error?.message;
    publish();
  };
  publish();
  void probeForever(options, settle);
  return {
    health,
    reason: () => reason,
    stop() {
      stopped = true;
      reason = "the daemon is stopping";
      publish();
    },
  };
}

async function probeForever(
  options: ProbeOptions,
  settle: (error: ProviderError | undefined) => void,
): Promise<void> {
  while (!options.signal.aborted) {
    settle(await probeOnce(options));
    await pause(options.intervalMs, options.signal).catch(() => undefined);
  }
}

async function probeOnce({ probe, timeoutMs, signal }: ProbeOptions): Promise<ProviderError | undefined> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(noAnswer(timeoutMs)), timeoutMs);
  const onStop = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onStop, { once: true });
  try {
    await Promise.race([probe(controller.signal), aborted(controller.signal)]);
    return undefined;
  } catch (error) {
    return asProviderError(error, controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onStop);
  }
}

// A probe that does not heed its signal must not keep the daemon reporting what was true before.
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
}

function noAnswer(timeoutMs: number): ProviderError {
  const message = `the hypervisor did not answer a probe within ${timeoutMs} ms`;
  return new ProviderError({ code: status.UNAVAILABLE, reason: "HYPERVISOR_UNREACHABLE", message });
}

function logChange(log: Logger, error: ProviderError | undefined): void {
  if (error === undefined) {
    log.info("the hypervisor answers: SERVING");
    return;
  }
  const { reason, message, metadata, cause } = error;
  const fields = {
    reason,
    error: message,
    reference: metadata.reference,
    ...(cause === undefined ? {} : { err: cause }),
  };
  log.warn(fields, "the hypervisor cannot be used: NOT_SERVING");
}
