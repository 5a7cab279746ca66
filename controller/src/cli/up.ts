import { once } from "node:events";
import type { Controller } from "../runtime/controller.ts";
import type { FolderStore } from "../store/folder/folder-store.ts";
import { refOf } from "../store/store.ts";
import { type CliIo, EXIT } from "./io.ts";
import { readManifests } from "./manifests.ts";
import { Progress } from "./progress.ts";
import { reportJson, reportText } from "./report.ts";
import { type SessionOptions, folderStore, openState } from "./session.ts";
import { startController } from "./watched-controller.ts";

/** Options of `vrtg up`. */
export interface UpOptions extends SessionOptions {
  readonly once: boolean;
  /** How long `once` may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly output: "table" | "json";
}

/**
 * Brings VMs up as declared and keeps them so until the signal aborts; with `once` only until each reached its goal or cannot.
 * @returns the exit code
 * @throws UsageError, StateFolderError before anything is done
 */
export async function up(options: UpOptions, io: CliIo): Promise<number> {
  const resources = await readManifests(options.paths);
  const state = await openState(options, io);
  try {
    const progress = new Progress(io.err);
    const store = folderStore(options, resources, state.records, progress);
    const { controller, settlement, running, stop } = await startController(
      options,
      resources,
      store,
      progress,
      io,
    );
    const print = printer(() => report(options, store, controller), io);
    try {
      if (options.once) {
        await Promise.race([running, settlement.settled(options.timeoutMs, io.signal)]);
      } else {
        settlement.onSettled(() => void print());
        await Promise.race([running, aborted(io.signal)]);
      }
      await print();
    } finally {
      await stop();
    }
    return !options.once || settlement.allReached() ? EXIT.ok : EXIT.unreached;
  } finally {
    await state.close();
  }
}

async function report({ output }: UpOptions, store: FolderStore, { providers }: Controller): Promise<string> {
  const vms = await store.list("VirtualMachine");
  const rows = await Promise.all(vms.map(async (vm) => ({ vm, status: await store.status(refOf(vm)) })));
  const input = { vms: rows, providers: providers.states() };
  return output === "json" ? reportJson(input) : reportText(input);
}

/** Prints a report when it says something else than the one before. */
function printer(make: () => Promise<string>, { out }: CliIo): () => Promise<void> {
  let last = "";
  return async () => {
    const text = await make();
    if (text !== last) out(text);
    last = text;
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
