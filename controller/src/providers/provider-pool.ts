import type { Provider } from "../api/provider.ts";
import { type Ref, refKey, refOf } from "../store/store.ts";
import { type ProviderState, startingState } from "./provider-state.ts";
import type { ProviderServices } from "./services.ts";
import { superviseProvider } from "./supervisor.ts";

interface Entry {
  readonly ref: Ref;
  readonly abort: AbortController;
  state: ProviderState;
  over: Promise<void>;
}

/** The providers of all Provider objects, each kept going on its own. */
export class ProviderPool {
  readonly #services: ProviderServices;
  readonly #onChange: (provider: Ref, state: ProviderState) => void;
  readonly #entries = new Map<string, Entry>();

  constructor(services: ProviderServices, onChange: (provider: Ref, state: ProviderState) => void) {
    this.#services = services;
    this.#onChange = onChange;
  }

  /** Starts a Provider; one that was started before is ended first, so that it sees what changed. */
  set(provider: Provider): void {
    const ref = refOf(provider);
    const before = this.remove(ref);
    const abort = new AbortController();
    const entry: Entry = { ref, abort, state: startingState(provider), over: before };
    const onState = (state: ProviderState) => {
      if (abort.signal.aborted) return;
      entry.state = state;
      this.#onChange(ref, state);
    };
    entry.over = before.then(() => superviseProvider(provider, this.#services, onState, abort.signal));
    this.#entries.set(refKey(ref), entry);
  }

  /** The state of a Provider; undefined for one that was not set. */
  state(ref: Ref): ProviderState | undefined {
    return this.#entries.get(refKey(ref))?.state;
  }

  /** The state of every Provider that was set, by name. */
  states(): ReadonlyMap<string, ProviderState> {
    return new Map([...this.#entries].map(([key, { state }]) => [key, state]));
  }

  /** Ends a Provider's daemon and waits until it is gone. */
  async remove(ref: Ref): Promise<void> {
    const entry = this.#entries.get(refKey(ref));
    this.#entries.delete(refKey(ref));
    entry?.abort.abort();
    await entry?.over;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ ref }) => this.remove(ref)));
  }
}
