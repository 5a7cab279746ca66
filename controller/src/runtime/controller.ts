import { once } from "node:events";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { ProviderState } from "../providers/provider-state.ts";
import { ProviderPool } from "../providers/provider-pool.ts";
import type { ProviderServices } from "../providers/services.ts";
import { type Change, type Ref, type Store, parseRefKey, refKey, refOf } from "../store/store.ts";
import { ImagePreparations } from "./images/preparations.ts";
import { NestingProofs } from "./nesting/proofs.ts";
import { OperationWaits } from "./operation-waits.ts";
import { providerRef } from "./reconcile/gather.ts";
import { type Reconciler, reconcileVirtualMachine } from "./reconcile/virtual-machine.ts";
import { concerns, concernsProvider } from "./references.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a controller is made of. */
export interface ControllerOptions {
  readonly store: Store;
  readonly services: ProviderServices;
  readonly onPass: Reconciler["onPass"];
  readonly onProvider: (provider: Ref, state: ProviderState) => void;
  /** Work threw what no provider answered: a state folder that cannot be written, or a defect. It is tried again. */
  readonly onError: (about: string, error: unknown) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** VMs of one provider that are worked on at once; a call costs the controller nothing but memory while it waits. */
const WORKERS_PER_PROVIDER = 16;
const BACKOFF = { baseMs: 500, maxMs: 60_000 };
const REFRESH_MS = 30_000;

/** Keeps every Provider going and every VirtualMachine as declared. */
export class Controller {
  readonly providers: ProviderPool;
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  /** Provider of each VM, by which the queue keeps them apart. */
  readonly #groups = new Map<string, string>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { store, services, signal, onPass, onError } = options;
    this.providers = new ProviderPool(services, (ref, state) => {
      options.onProvider(ref, state);
      this.#spread({ kind: "Provider", ...ref });
    });
    this.#queue = new WorkQueue({
      work: (key, workSignal) => reconcileVirtualMachine(parseRefKey(key), reconciler, workSignal),
      groupOf: (key) => this.#groups.get(key) ?? "",
      workersPerGroup: WORKERS_PER_PROVIDER,
      backoff: BACKOFF,
      onError,
      signal,
    });
    const wake = (key: string) => this.#queue.add(key);
    const reconciler: Reconciler = {
      store,
      providerState: (ref) => this.providers.state(ref),
      controllerId: services.controllerId,
      waits: new OperationWaits(wake, signal),
      images: new ImagePreparations(wake, signal),
      proofs: new NestingProofs(wake, signal),
      now: () => new Date(),
      refreshMs: REFRESH_MS,
      onPass,
    };
  }

  /** Works until the signal aborts. When it resolves no work runs and no child process is left. */
  async run(): Promise<void> {
    const { store, signal } = this.#options;
    try {
      for (const provider of await store.list("Provider")) this.providers.set(provider);
      for (const vm of await store.list("VirtualMachine")) this.#enqueue(vm);
      store.watch((change) => this.#changed(change), signal);
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await this.#queue.drained();
      await this.providers.close();
    }
  }

  #changed(change: Change): void {
    this.#spread(change);
    if (change.kind === "Provider" || change.kind === "Secret")
      void this.#restartProviders(change).catch(this.#failed);
  }

  async #restartProviders(change: Change): Promise<void> {
    const { store } = this.#options;
    const concerned = (await store.list("Provider")).filter((provider) => concernsProvider(change, provider));
    for (const provider of concerned) this.providers.set(provider);
    if (change.kind === "Provider" && concerned.length === 0) await this.providers.remove(change);
  }

  /** Every VM that has something to do with the changed object is looked at. */
  #spread(change: Change): void {
    const look = async () => {
      const vms = await this.#options.store.list("VirtualMachine");
      for (const vm of vms.filter((each) => concerns(change, each))) this.#enqueue(vm);
    };
    void look().catch(this.#failed);
  }

  readonly #failed = (error: unknown) => this.#options.onError("change of manifests", error);

  #enqueue(vm: VirtualMachine): void {
    const key = refKey(refOf(vm));
    this.#groups.set(key, refKey(providerRef(vm)));
    this.#queue.add(key);
  }
}
