import { randomUUID } from "node:crypto";
import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "../call.ts";
import {
  ErrorCode,
  type Libvirt,
  LibvirtError,
  type LibvirtEvent,
  LibvirtUnreachable,
  Lifecycle,
  StoppedDetail,
} from "../client/index.ts";
import { isRefused } from "../errors.ts";
import { Alarm } from "./alarm.ts";
import { bootMs, canaryName, canaryXml } from "./canary-xml.ts";
import { oneLine } from "./unless-refused.ts";

/** libvirt's part of starting a guest, which says nothing of how the guest runs. */
const startMs = 30_000;
/** A BIOS takes a fraction of a second, and a few where KVM itself runs in a VM. */
const usualPatienceMs = 10_000;
const destroyMs = 5_000;

export interface CanaryOptions {
  /** Which guests it stands for. */
  readonly type: "kvm" | "qemu";
  /** How long it may run until it counts as one that hangs, in milliseconds. Default 10,000. */
  readonly patienceMs?: number;
}

/** Whether guests run, and if not what was seen instead. */
export type Verdict = { readonly boots: true } | { readonly boots: false; readonly why: string };

/**
 * Starts a guest and looks whether it runs, which an accelerator that is there does not promise. Nothing is left of it, also on failure.
 * Rejects when libvirtd does not answer or does not let us start guests at all, and with the signal's reason.
 */
export async function flyCanary(
  libvirt: Libvirt,
  { type, patienceMs = usualPatienceMs }: CanaryOptions,
  { signal }: Call,
): Promise<Verdict> {
  const alarm = new Alarm();
  const events = libvirt.events({ signal: AbortSignal.any([signal, alarm.signal]) })[Symbol.asyncIterator]();
  try {
    alarm.set(startMs, new LibvirtUnreachable("libvirtd sends no events", { sent: "no" }));
    // "resynchronise": nothing that happens after it is missed.
    await events.next();
    alarm.clear();
    return await launch(libvirt, type, async (uuid) => {
      const startedAt = performance.now();
      alarm.set(patienceMs, hung);
      const detail = await endOf(uuid, events);
      return judge(detail, performance.now() - startedAt);
    });
  } catch (error) {
    if (error !== hung) throw error;
    return failed(`it was still in its BIOS after ${patienceMs / 1000} s`);
  } finally {
    alarm.clear();
    await events.return?.();
  }
}

/** Ends a canary; one that is gone is a success. */
export async function destroyCanary(libvirt: Libvirt, uuid: string): Promise<void> {
  const domain = { name: canaryName(uuid), uuid, id: -1 };
  try {
    await libvirt.call("domainDestroyFlags", { domain }, { deadlineMs: destroyMs });
  } catch (error) {
    if (!isRefused(error, ErrorCode.NO_DOMAIN, ErrorCode.OPERATION_INVALID)) throw error;
  }
}

/** Runs `watch` on a canary. Of these calls none gets the caller's signal: what was begun must not stay because nobody waits for it any more. */
async function launch(
  libvirt: Libvirt,
  type: CanaryOptions["type"],
  watch: (uuid: string) => Promise<Verdict>,
): Promise<Verdict> {
  const uuid = randomUUID();
  try {
    await libvirt.call(
      "domainCreateXml",
      { xml: canaryXml(type, uuid, Date.now()) },
      { deadlineMs: startMs },
    );
    return await watch(uuid);
  } catch (error) {
    if (!(error instanceof LibvirtError) || isForbidden(error)) throw error;
    return failed(`libvirt could not start it: ${oneLine(error.message)}`);
  } finally {
    await destroyCanary(libvirt, uuid);
  }
}

/** How a domain ended. */
async function endOf(uuid: string, events: AsyncIterator<LibvirtEvent>): Promise<number> {
  for (;;) {
    const { value: event } = (await events.next()) as IteratorYieldResult<LibvirtEvent>;
    if (event.kind === "interrupted" || event.kind === "resynchronise")
      throw inconclusive("its end was missed");
    if (event.kind === "lifecycle" && event.event === Lifecycle.STOPPED && event.domain.uuid === uuid)
      return event.detail;
  }
}

function judge(detail: number, ranMs: number): Verdict {
  if (detail === StoppedDetail.DESTROYED) throw inconclusive("somebody ended it");
  if (detail !== StoppedDetail.SHUTDOWN) return failed("QEMU ended without the guest's doing");
  // Half of the wait: the two ends of it come by different ways.
  return ranMs < bootMs / 2
    ? failed(`it reset itself after ${Math.round(ranMs)} ms, in its BIOS`)
    : { boots: true };
}

const hung = new Error("the canary hangs");
const failed = (why: string): Verdict => ({ boots: false, why });

const isForbidden = (error: unknown) =>
  isRefused(error, ErrorCode.OPERATION_DENIED, ErrorCode.ACCESS_DENIED, ErrorCode.AUTH_UNAVAILABLE);

const inconclusive = (what: string): ProviderError =>
  new ProviderError({
    code: status.ABORTED,
    reason: "CANARY_DISTURBED",
    message: `the canary guest that tries the accelerator cannot be judged: ${what}; call again`,
    retryAfterMs: 1_000,
  });
