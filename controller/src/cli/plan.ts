import { EventEmitter, once } from "node:events";
import { ProviderCallError } from "@virtrigaud/kit/client";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import { failureOf } from "../failure.ts";
import { ProviderPool } from "../providers/provider-pool.ts";
import type { ProviderState } from "../providers/provider-state.ts";
import { imageOrder, importObstacle } from "../runtime/images/order.ts";
import { gather, providerObstacles, providerRef } from "../runtime/reconcile/gather.ts";
import { Records } from "../store/folder/records.ts";
import { stateFolderPath } from "../store/folder/state-folder.ts";
import { type Ref, type Store, refKey, refOf } from "../store/store.ts";
import { translate } from "../translate/spec.ts";
import { type CliIo, EXIT } from "./io.ts";
import { readManifests } from "./manifests.ts";
import { type PlannedVm, isAccepted, planJson, planText } from "./plan-report.ts";
import { oncePrepared } from "./planned-image.ts";
import { Progress } from "./progress.ts";
import { type SessionOptions, folderStore, providerServices } from "./session.ts";

/** Options of `vrtg plan`. */
export interface PlanOptions extends SessionOptions {
  /** How long a provider may take until it serves, in milliseconds. */
  readonly timeoutMs: number;
  readonly output: "text" | "json";
}

/**
 * Shows what would become of each VM, without making anything.
 * @returns the exit code
 * @throws UsageError before anything is done
 */
export async function plan(options: PlanOptions, io: CliIo): Promise<number> {
  const resources = await readManifests(options.paths);
  const progress = new Progress(io.err);
  const records = new Records(await stateFolderPath(options.paths, options.state, io.env));
  const store = folderStore(options, resources, records, progress);
  const changes = new EventEmitter().setMaxListeners(0);
  const pool = new ProviderPool(providerServices(options, resources, store, progress, io), (ref, state) => {
    progress.provider(ref, state);
    changes.emit(refKey(ref));
  });
  try {
    for (const provider of await store.list("Provider")) pool.set(provider);
    const deadline = AbortSignal.any([io.signal, AbortSignal.timeout(options.timeoutMs)]);
    const vms = await store.list("VirtualMachine");
    const planned = await Promise.all(
      vms.map(async (vm) => {
        const state = await decided(pool, providerRef(vm), changes, deadline);
        // A simulator holds nothing yet, whatever the real hypervisor has of this VM.
        const uid = options.simulate ? undefined : await records.existingUid(refOf(vm));
        return planVm(vm, state, store, uid ?? "", io.signal);
      }),
    );
    io.out(options.output === "json" ? planJson(planned) : planText(planned));
    return planned.every(isAccepted) ? EXIT.ok : EXIT.unreached;
  } finally {
    await pool.close();
  }
}

/** The provider's state once it can be called, once only somebody's help gets it further, or when the signal aborts. */
async function decided(
  pool: ProviderPool,
  ref: Ref,
  changes: EventEmitter,
  signal: AbortSignal,
): Promise<ProviderState | undefined> {
  for (;;) {
    const state = pool.state(ref);
    if (state === undefined || state.connection !== undefined || state.final || signal.aborted) return state;
    await once(changes, refKey(ref), { signal }).catch(() => undefined);
  }
}

async function planVm(
  vm: VirtualMachine,
  state: ProviderState | undefined,
  store: Store,
  uid: string,
  signal: AbortSignal,
): Promise<PlannedVm> {
  const { inputs, obstacles } = await gather(vm, store, state);
  const translation = inputs && translate(inputs);
  const about = {
    vm: refOf(vm),
    provider: refKey(providerRef(vm)),
    type: state?.effective.spec.type,
    simulated: state?.simulated,
    standIn: state?.standIn?.label,
  };
  const order =
    inputs &&
    translation &&
    state &&
    imageOrder(translation.spec, inputs.image, inputs.provider, state.features);
  const refusals = [
    ...obstacles,
    ...(translation?.obstacles ?? []),
    ...importObstacle(order, inputs?.image),
    ...providerObstacles(vm, state),
  ];
  const unasked = { ...about, refusals, plan: undefined, prepares: undefined };
  if (refusals.length > 0 || translation === undefined || state?.connection === undefined) return unasked;
  try {
    const plan = await state.connection.planVm({ spec: translation.spec, uid }, { signal });
    const prepared = order && oncePrepared(plan);
    const prepares = prepared && order.request.image?.name;
    return { ...about, refusals, plan: prepared ?? plan, prepares };
  } catch (error) {
    if (!(error instanceof ProviderCallError)) throw error;
    return { ...unasked, refusals: [failureOf(error)] };
  }
}
