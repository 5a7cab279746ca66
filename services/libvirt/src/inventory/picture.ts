import { Journal } from "./journal.ts";
import { isSame, type Known, type Seen } from "./known.ts";
import { merge } from "./merge.ts";

interface Entry {
  readonly known: Known;
  /** performance.now() when the newest look at each part began. */
  readonly storedAt: number;
  readonly runAt: number;
}

/** All domains as they were last seen, by UUID, and what changed when. */
export class Picture {
  readonly journal = new Journal();
  readonly #entries = new Map<string, Entry>();

  get(uuid: string): Known | undefined {
    return this.#entries.get(uuid)?.known;
  }

  /** In no order that means anything. */
  all(): Known[] {
    return [...this.#entries.values()].map(({ known }) => known);
  }

  /** Adds what was seen, but for parts that were seen later already; recorded as a change when it tells anything new. */
  see({ at, ...seen }: Seen): void {
    const { known: before, storedAt = 0, runAt = 0 } = this.#entries.get(seen.uuid) ?? {};
    const stored = at >= storedAt ? seen.stored : undefined;
    const run = at >= runAt ? seen.run : undefined;
    const after = merge(before, { ...seen, stored, run });
    if (after === undefined) return;
    const isNews = before === undefined || !isSame(before, after);
    this.#entries.set(seen.uuid, {
      // What is made of a domain is kept by the object; one that tells nothing new would have it made again.
      known: isNews || before.volumes !== after.volumes ? after : before,
      storedAt: stored === undefined ? storedAt : at,
      runAt: run === undefined ? runAt : at,
    });
    if (isNews) this.#record(after, before);
  }

  /** Drops a domain that libvirtd said is gone. */
  remove(uuid: string): void {
    const before = this.get(uuid);
    if (before === undefined) return;
    this.#entries.delete(uuid);
    this.#record(before, before);
  }

  #record({ domain: { uuid, name } }: Known, before: Known | undefined): void {
    this.journal.record({ id: uuid, name, ownerBefore: before?.stored.owner });
  }
}
