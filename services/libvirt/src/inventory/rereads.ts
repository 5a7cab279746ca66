import type { Domain, DomainEvent } from "../client/index.ts";
import type { Found } from "../read-domain.ts";
import { atMost } from "./at-most.ts";
import { after, afterRead, type Need, nothing } from "./need.ts";

/** Longer than the events of one start or stop are apart, shorter than anybody notices. */
const pauseMs = 75;
const pauseAfterFailureMs = 1_000;
/** libvirtd works on four such calls of a connection at a time; the others' must have their turn. */
const readsAtATime = 3;

interface Pending {
  readonly domain: Domain;
  readonly need: Need;
  /** performance.now() at the last event. */
  readonly at: number;
  readonly timer: NodeJS.Timeout;
}

/** Reads domains again that something happened to: whatever happens to one within a moment leads to one read. */
export class Rereads {
  readonly #read: (domain: Domain, need: Need) => Promise<void>;
  readonly #pending = new Map<string, Pending>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #inTurn = atMost(readsAtATime);

  /** `read` rejects when the domain could not be read; it is called again then. */
  constructor(read: (domain: Domain, need: Need) => Promise<void>) {
    this.#read = read;
  }

  /** Has the domain of an event read in a moment. */
  hear(event: DomainEvent): void {
    const pending = this.#pending.get(event.domain.uuid);
    const need = after(pending?.need ?? nothing, event);
    if (need !== nothing) this.#expect(event.domain, need, pauseMs);
  }

  /** Has a domain read as soon as it is its turn; rejects when that fails. */
  now(domain: Domain, need: Need): Promise<void> {
    const work = this.#inTurn(() => this.#read(domain, need));
    this.#underWay.add(work);
    const done = () => this.#underWay.delete(work);
    work.then(done, done);
    return work;
  }

  /** Somebody has read a domain: what was heard before needs no read of its own. */
  settle({ domain, readAt, live }: Found, isNew: boolean): void {
    const pending = this.#pending.get(domain.uuid);
    if (pending === undefined) return;
    if (readAt !== undefined && pending.at < readAt) return this.#forget(domain.uuid);
    const liveId = live && Number(live.attributes.id);
    const need = afterRead(pending.need, { isNew, liveId });
    this.#pending.set(domain.uuid, { ...pending, need });
  }

  /** Reads at once what is to be read; rejects when any of it cannot be read. */
  async flush(): Promise<void> {
    for (const uuid of [...this.#pending.keys()]) this.#start(uuid);
    await Promise.all(this.#underWay);
  }

  /** Forgets what was to be read. */
  clear(): void {
    for (const uuid of [...this.#pending.keys()]) this.#forget(uuid);
  }

  #expect(domain: Domain, need: Need, inMs: number): void {
    const { uuid } = domain;
    // Counted from the first event, so that a domain that never comes to rest is read all the same.
    const timer = this.#pending.get(uuid)?.timer ?? setTimeout(() => this.#start(uuid), inMs).unref();
    this.#pending.set(uuid, { domain, need, at: performance.now(), timer });
  }

  #start(uuid: string): void {
    const pending = this.#pending.get(uuid);
    if (pending === undefined) return;
    this.#forget(uuid);
    const { domain, need } = pending;
    this.now(domain, need).catch(() => {
      // Whoever needs the picture meanwhile is told by `flush`.
      if (!this.#pending.has(uuid)) this.#expect(domain, need, pauseAfterFailureMs);
    });
  }

  #forget(uuid: string): void {
    clearTimeout(this.#pending.get(uuid)?.timer);
    this.#pending.delete(uuid);
  }
}
