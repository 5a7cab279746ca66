import { PowerState } from "@virtrigaud/proto";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { describe, errorOf, expect, expectEqual } from "../expect.ts";

const delaysMs = [0, 1, 2, 5, 10];
const bearable = [status.CANCELLED, status.DEADLINE_EXCEEDED, status.ABORTED];

export const createInterrupted: Case = {
  id: "create-interrupted",
  title: "A CreateVM whose caller gives up leaves nothing odd, and calling again completes it",
  contract: "provider.proto, Recovery: Every call may be repeated after … DEADLINE_EXCEEDED, CANCELLED.",
  needs: [],
  async run(context) {
    const uid = context.uid();
    const spec = context.spec();
    for (const delayMs of delaysMs) {
      await tolerate(cancelledAfter(context, delayMs, spec, uid));
      await tolerate(context.createOnce(spec, uid, { deadlineMs: delayMs + 1 }));
    }
    const made = await context.create(spec, uid);
    expectEqual(made.powerState, PowerState.OFF, "power state after all interruptions");
    const ids = (await context.named(spec.name)).map((vm) => vm.id);
    expectEqual(ids, [made.id], `VMs named ${spec.name}`);
    expectEqual(made.owner?.uid, uid, "owner");
  },
};

async function cancelledAfter(
  context: CaseContext,
  delayMs: number,
  ...args: Parameters<CaseContext["createOnce"]>
) {
  const controller = new AbortController();
  const call = context.createOnce(args[0], args[1], { signal: controller.signal });
  // A call that is over before it is cancelled may also fail: its error is looked at by whoever awaits it.
  call.catch(() => undefined);
  await sleep(delayMs, undefined, { signal: context.signal });
  controller.abort();
  return call;
}

async function tolerate(call: Promise<unknown>): Promise<void> {
  const error = await errorOf(call);
  if (error === undefined) return;
  expect(
    bearable.includes(error.code),
    `an interrupted call: expected CANCELLED or DEADLINE_EXCEEDED, got ${describe(error)}`,
  );
}
