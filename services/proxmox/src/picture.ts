import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { FoundVm } from "./mapping/found-vm.ts";

/** What happened to a VM: it is new, other than before, or gone. */
export interface Change {
  readonly vmid: number;
  /** As it was before; undefined for a new one. */
  readonly before: FoundVm | undefined;
}

export interface PictureOptions {
  /** The shortest and the longest time between two looks. */
  readonly shortestMs?: number;
  readonly longestMs?: number;
}

/** How many changes are remembered for readers that come back. */
const most = 10_000;

/**
 * All VMs as those who watch see them: one look serves all of them, and without any there is none. Looks come each second while something
 * happens, and more and more rarely while nothing does: Proxmox VE's own lists are up to ten seconds old.
 */
export class Picture {
  /** Tells this picture from that of another daemon. */
  readonly id = randomUUID();
  readonly #list: (call: Call) => Promise<readonly FoundVm[]>;
  readonly #shortestMs: number;
  readonly #longestMs: number;
  readonly #changes: Change[] = [];
  #vms = new Map<number, FoundVm>();
  #revision = 0;
  #pauseMs: number;
  #lookedAt = 0;
  #looking: Promise<void> | undefined;
  #sleeper = new AbortController();

  constructor(
    list: (call: Call) => Promise<readonly FoundVm[]>,
    { shortestMs = 1_000, longestMs = 10_000 }: PictureOptions = {},
  ) {
    this.#list = list;
    this.#shortestMs = shortestMs;
    this.#longestMs = longestMs;
    this.#pauseMs = shortestMs;
  }

  /** Counts changes. */
  get revision(): number {
    return this.#revision;
  }

  get vms(): ReadonlyMap<number, FoundVm> {
    return this.#vms;
  }

  /** The changes after a revision; undefined when they are forgotten, or it is none of this picture's. */
  since(revision: number): readonly Change[] | undefined {
    const first = this.#revision - this.#changes.length;
    if (!Number.isInteger(revision) || revision < first || revision > this.#revision) return undefined;
    return this.#changes.slice(revision - first);
  }

  /** Looks at once. */
  async look({ signal }: Call): Promise<void> {
    await waitFor(this.#look(), signal);
  }

  /** Waits for the next look that is due, at most so long. @throws what the look was refused with. */
  async next(ms: number, { signal }: Call): Promise<void> {
    const due = () => Math.max(0, this.#lookedAt + this.#pauseMs - performance.now());
    const rest = { signal: AbortSignal.any([signal, this.#sleeper.signal]) };
    await sleep(Math.min(due(), ms), undefined, rest).catch(() => signal.throwIfAborted());
    if (due() < 1) await this.look({ signal });
  }

  /** Something was just changed by this daemon: the next look comes soon. */
  nudge(): void {
    this.#pauseMs = this.#shortestMs;
    this.#sleeper.abort();
    this.#sleeper = new AbortController();
  }

  #look(): Promise<void> {
    this.#looking ??= this.#compare().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #compare(): Promise<void> {
    this.#lookedAt = performance.now();
    const listed = await this.#list({ signal: new AbortController().signal });
    const now = new Map(listed.map((vm) => [vm.vmid, vm]));
    const before = this.#vms;
    const ids = new Set([...before.keys(), ...now.keys()]);
    const changes = [...ids]
      .filter((vmid) => looks(before.get(vmid)) !== looks(now.get(vmid)))
      .map((vmid) => ({ vmid, before: before.get(vmid) }));
    this.#vms = now;
    this.#changes.push(...changes);
    this.#changes.splice(0, Math.max(0, this.#changes.length - most));
    this.#revision += changes.length;
    this.#pauseMs = changes.length > 0 ? this.#shortestMs : Math.min(this.#pauseMs * 1.5, this.#longestMs);
  }
}

/** What readers are told of a VM, counters apart. */
function looks(vm: FoundVm | undefined): string {
  if (vm === undefined) return "";
  const { name, node, isTemplate, power, tags } = vm;
  return JSON.stringify([name, node, isTemplate, power, tags]);
}
