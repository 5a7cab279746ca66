import { setTimeout as sleep } from "node:timers/promises";
import { hasAddress } from "../addresses.ts";
import { type Domain, type DomainEvent, DomainState, type Libvirt } from "../client/index.ts";
import type { Found } from "../read-domain.ts";
import { GuestAddresses } from "./guest-addresses.ts";
import { isRunning, type Known } from "./known.ts";
import { look } from "./look.ts";
import { type Need, nothing } from "./need.ts";
import type { Picture } from "./picture.ts";
import { Rereads } from "./rereads.ts";
import { differs, isActive, type Signature, type Surveyed, survey } from "./survey.ts";

/** libvirtd answers these from its memory, or it does not work. */
const deadlineMs = 10_000;
/** How long a new picture waits for the agents' answers; who answers later is a change. */
const firstAddressesMs = 3_000;

/** The time in which no event is missed: from reading everything to the loss of the connection. */
export class Era {
  readonly #libvirt: Libvirt;
  readonly #picture: Picture;
  readonly #ending = new AbortController();
  readonly #rereads: Rereads;
  readonly #addresses: GuestAddresses;
  #signatures: ReadonlyMap<string, Signature> = new Map();

  constructor(libvirt: Libvirt, picture: Picture) {
    this.#libvirt = libvirt;
    this.#picture = picture;
    const { signal } = this.#ending;
    this.#rereads = new Rereads((domain, need) => this.#look(domain, need));
    this.#addresses = new GuestAddresses(libvirt, picture, { signal });
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends everything that is under way; the picture stays as it is. */
  end(why: unknown): void {
    this.#ending.abort(why);
    this.#rereads.clear();
    this.#addresses.close();
  }

  /** Reads every domain, and what their guests tell of themselves. Rejects when any of that libvirtd holds cannot be read. */
  async begin(): Promise<void> {
    await this.#compare(() => true);
    await this.#addresses.readLeases();
    const silent = this.#picture.all().filter(isWorthAsking);
    const asked = Promise.all(silent.map(({ domain }) => this.#addresses.ask(domain.uuid)));
    await Promise.race([asked, sleep(firstAddressesMs, undefined, { signal: this.signal, ref: false })]);
  }

  /** Reads what changed without an event, as far as the lists of all domains tell, and the leases. */
  async check(): Promise<void> {
    await this.#compare(({ domain, signature }) => differs(this.#signatures.get(domain.uuid), signature));
    await this.#addresses.readLeases();
  }

  hear(event: DomainEvent): void {
    this.#rereads.hear(event);
  }

  /** Takes over what somebody else has read. */
  note(found: Found): void {
    const {
      domain,
      readAt = performance.now(),
      stored,
      live,
      state,
      hasManagedSave,
      reports,
      volumes,
    } = found;
    const { uuid } = domain;
    this.#rereads.settle(found, this.#picture.get(uuid) === undefined);
    const run = { state, live, hasManagedSave };
    const isFull = volumes.length > 0;
    this.#picture.see({ uuid, at: readAt, stored, run, reports, volumes: isFull ? volumes : undefined });
  }

  /** Reads what was heard of and not read yet. */
  catchUp(): Promise<void> {
    return this.#rereads.flush();
  }

  /** Surveys all domains and reads those that `isWanted`, or that are no longer there. */
  async #compare(isWanted: (surveyed: Surveyed) => boolean): Promise<void> {
    const asOf = performance.now();
    const before = this.#picture.all();
    const found = await survey(this.#libvirt, { signal: this.signal });
    const wanted = [...found.values()]
      .filter(isWanted)
      .map((one) => [one.domain, needOf(one, asOf)] as const);
    const gone = before
      .filter(({ domain }) => !found.has(domain.uuid))
      .map(({ domain }) => [domain, { ...nothing, stored: 1 }] as const);
    this.#signatures = new Map([...found].map(([uuid, { signature }]) => [uuid, signature]));
    await Promise.all([...wanted, ...gone].map(([domain, need]) => this.#rereads.now(domain, need)));
  }

  async #look(domain: Domain, need: Need): Promise<void> {
    const { uuid } = domain;
    this.signal.throwIfAborted();
    const seen = await look(this.#libvirt, domain, need, this.#picture.get(uuid), {
      signal: this.signal,
      deadlineMs,
    });
    if (seen === undefined) this.#picture.remove(uuid);
    else this.#picture.see(seen);
    if (seen?.run?.live === undefined && seen?.run !== undefined) this.#addresses.forget(uuid);
    if (need.agentCame) void this.#addresses.ask(uuid);
    else if (need.startedId !== undefined) this.#addresses.afterStart(uuid);
  }
}

function needOf(surveyed: Surveyed, asOf: number): Need {
  const { state, hasManagedSave: save } = surveyed;
  const active = isActive(surveyed);
  return {
    ...nothing,
    stored: 1,
    live: active ? 1 : 0,
    save,
    state: active ? state : DomainState.SHUTOFF,
    asOf,
  };
}

const isWorthAsking = (known: Known): boolean =>
  isRunning(known) && (known.run.live?.links.hasAgent || !hasAddress(known.reports));
