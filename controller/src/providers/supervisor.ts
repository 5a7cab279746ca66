import { setTimeout as sleep } from "node:timers/promises";
import type { Feature } from "@virtrigaud/proto";
import { parseDuration } from "../api/duration.ts";
import type { Provider } from "../api/provider.ts";
import type { Ending } from "../children/child.ts";
import { backoffMs } from "../runtime/backoff.ts";
import { type Hypervisor, openHypervisor } from "./hypervisor.ts";
import { type LaunchedProvider, launchProvider } from "./launch.ts";
import { probeProvider } from "./probe.ts";
import { type ProviderState, failedState, startingState } from "./provider-state.ts";
import type { ProviderServices } from "./services.ts";
import { UnavailableError } from "./unavailable.ts";

/** spec.healthCheck's defaults: a call on loopback every few seconds costs nothing. */
const CHECK_INTERVAL = "5s";
const CHECK_TIMEOUT = "10s";
const NOT_SERVING_INTERVAL = { baseMs: 100, maxMs: 2_000 };
const RESTART = { baseMs: 500, maxMs: 30_000 };

type Tell = (state: ProviderState) => void;

/**
 * Keeps a Provider's daemon running and watches whether it serves, until the signal aborts; then nothing of it is left.
 * Every change of its state is told. Never rejects.
 */
export async function superviseProvider(
  provider: Provider,
  services: ProviderServices,
  onState: Tell,
  signal: AbortSignal,
): Promise<void> {
  const tell = changesOnly(onState);
  tell(startingState(provider));
  let hypervisor: Hypervisor | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      hypervisor ??= await openHypervisor(provider, services, signal);
      const launched = await launchProvider(hypervisor, services, signal);
      const { served, why } = await watchUntilEnd(launched, hypervisor, tell, signal);
      if (served) failures = 0;
      if (why === "ended") throw endedByItself(await launched.ended);
      await hypervisor.close();
      hypervisor = undefined;
      continue;
    } catch (error) {
      if (!signal.aborted) tell(failedState(error, hypervisor?.provider ?? provider, hypervisor?.standIn));
    }
    failures += 1;
    await pause(backoffMs(failures, RESTART), signal);
  }
  await hypervisor?.close();
}

/** Why a provider is no longer watched: it ended, its credentials changed while it did not serve, or nobody wants it any more. */
interface WatchEnd {
  readonly why: "ended" | "outdated" | "stopped";
  readonly served: boolean;
}

/** Looks at a launched provider for as long as it is to run, then stops it. */
async function watchUntilEnd(
  launched: LaunchedProvider,
  { provider: effective, standIn, isCurrent }: Hypervisor,
  tell: Tell,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const ended = new AbortController();
  void launched.ended.then(() => ended.abort());
  const over = AbortSignal.any([signal, ended.signal]);
  const { interval = CHECK_INTERVAL, timeout = CHECK_TIMEOUT } = effective.spec.healthCheck ?? {};
  const [intervalMs, timeoutMs] = [parseDuration(interval), parseDuration(timeout)];
  let served = false;
  let features: ReadonlySet<Feature> | undefined;
  try {
    for (let looks = 1; !over.aborted; looks += 1) {
      const probe = await probeProvider(launched.client.probe, features, timeoutMs, over);
      if (over.aborted) break;
      const serving = probe.availability.status === "True";
      if (serving) looks = 0;
      served ||= serving;
      features = serving ? probe.features : undefined;
      tell({
        ...probe,
        connection: serving ? launched.client.calls : undefined,
        effective,
        simulated: standIn?.simulated ?? probe.simulated,
        standIn,
      });
      // Somebody may have put right what it was refused for.
      if (!serving && !(await isCurrent())) return { why: "outdated", served };
      await pause(serving ? intervalMs : backoffMs(looks, NOT_SERVING_INTERVAL), over);
    }
    return { why: signal.aborted ? "stopped" : "ended", served };
  } finally {
    await launched.stop();
  }
}

function endedByItself({ how }: Ending): UnavailableError {
  return new UnavailableError("ProviderEnded", `the provider's process ${how}; it is started again`, false);
}

function changesOnly(onState: Tell): Tell {
  let last = "";
  return (state) => {
    const { availability, final, connection, simulated, features } = state;
    const now = JSON.stringify([availability, final, connection?.address, simulated, [...features]]);
    if (now !== last) onState(state);
    last = now;
  };
}

/** Resolves after the time, or at once when the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
