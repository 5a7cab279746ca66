import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import type { Worker } from "../model/tasks.ts";
import { findVm, mustBeUnlocked } from "./find.ts";

interface Stop {
  readonly call: Call;
  readonly worker: Worker;
  /** Asks the guest instead of killing QEMU. */
  readonly graceful: boolean;
  /** Kills QEMU when the guest does not obey in time. */
  readonly force: boolean;
  /** PVE's seconds; default 60. */
  readonly timeout: number | undefined;
}

const DEFAULT_TIMEOUT = 60;

/** Stops a VM whose lock is held. Nothing to do is success. */
export async function stopVm({ call, worker, graceful, force, timeout }: Stop): Promise<void> {
  const vm = findVm(call);
  if (vm.process === undefined) return;
  if (!call.flag("skiplock")) mustBeUnlocked(vm);
  await worker.step();
  const obeys = !graceful || (vm.process.guest.shutsDown ?? true);
  if (!obeys) {
    await call.cluster.seconds(
      timeout ?? Number(/down=(\d+)/.exec(vm.config["startup"] ?? "")?.[1] ?? DEFAULT_TIMEOUT),
    );
    if (!force) fail("VM quit/powerdown failed - got timeout");
    worker.print("VM still running - terminating now with SIGTERM");
  }
  vm.process = undefined;
}
