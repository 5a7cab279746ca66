import type { Resource } from "../api/kinds.ts";
import type { Records } from "../store/folder/records.ts";
import { refKey, refOf } from "../store/store.ts";
import { type CliIo, EXIT } from "./io.ts";
import { readManifests } from "./manifests.ts";
import { Progress } from "./progress.ts";
import { conditionOf } from "./report.ts";
import { type SessionOptions, folderStore, openState } from "./session.ts";
import { startController } from "./watched-controller.ts";

/** Options of `vrtg delete`. */
export interface DeleteOptions extends SessionOptions {
  readonly timeoutMs: number;
}

/**
 * Deletes the VMs that the manifests declare and waits until they are gone. One that this state folder never made is left alone.
 * @returns the exit code
 * @throws UsageError, StateFolderError before anything is done
 */
export async function deleteVms(options: DeleteOptions, io: CliIo): Promise<number> {
  const resources = await readManifests(options.paths);
  const state = await openState(options, io);
  try {
    const made = await madeHere(resources, state.records, io);
    const progress = new Progress(io.err);
    const store = folderStore(options, made, state.records, progress, true);
    const vms = await store.list("VirtualMachine");
    if (vms.length === 0) return EXIT.ok;
    const { settlement, running, stop } = await startController(options, made, store, progress, io);
    try {
      await Promise.race([running, settlement.settled(options.timeoutMs, io.signal)]);
    } finally {
      await stop();
    }
    for (const vm of vms) {
      const status = await store.status(refOf(vm));
      const message = conditionOf(status, "Ready")?.message;
      io.out(
        `${refKey(refOf(vm))} ${status === undefined ? "deleted" : `not deleted: ${message ?? "the provider was not reached"}`}`,
      );
    }
    return settlement.allReached() ? EXIT.ok : EXIT.unreached;
  } finally {
    await state.close();
  }
}

async function madeHere(
  resources: readonly Resource[],
  records: Records,
  { out }: CliIo,
): Promise<readonly Resource[]> {
  const kept: Resource[] = [];
  for (const resource of resources) {
    const never =
      resource.kind === "VirtualMachine" && (await records.existingUid(refOf(resource))) === undefined;
    if (never) out(`${refKey(refOf(resource))} was never made from here`);
    else kept.push(resource);
  }
  return kept;
}
