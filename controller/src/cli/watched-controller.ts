import type { Resource } from "../api/kinds.ts";
import { Controller } from "../runtime/controller.ts";
import { type Store, refKey, refOf } from "../store/store.ts";
import type { CliIo } from "./io.ts";
import type { Progress } from "./progress.ts";
import { type SessionOptions, providerServices } from "./session.ts";
import { Settlement } from "./settlement.ts";

/** A controller that works, and how its VMs stand. */
export interface WatchedController {
  readonly controller: Controller;
  readonly settlement: Settlement;
  /** Settles when the controller ended: by itself only with a defect, otherwise after `stop`. */
  readonly running: Promise<void>;
  /** Ends it and waits until nothing of it is left. */
  stop(): Promise<void>;
}

/** Starts a controller whose doings are told. */
export async function startController(
  options: SessionOptions,
  resources: readonly Resource[],
  store: Store,
  progress: Progress,
  io: CliIo,
): Promise<WatchedController> {
  const settlement = new Settlement((await store.list("VirtualMachine")).map((vm) => refKey(refOf(vm))));
  const abort = new AbortController();
  const controller = new Controller({
    store,
    services: providerServices(options, resources, store, progress, io),
    onPass: (ref, verdict, status) => {
      progress.vm(ref, status);
      settlement.note(refKey(ref), verdict);
    },
    onProvider: (ref, state) => progress.provider(ref, state),
    onError: (about, error) => progress.error(about, error),
    signal: abort.signal,
  });
  const running = controller.run();
  const stop = () => {
    abort.abort();
    return running;
  };
  return { controller, settlement, running, stop };
}
