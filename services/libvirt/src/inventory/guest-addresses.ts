import { agentAddresses, arpAddresses, hasAddress, isOnHost, type Reports } from "../addresses.ts";
import type { Call } from "../call.ts";
import type { Libvirt } from "../client/index.ts";
import { atMost } from "./at-most.ts";
import { isRunning, type Known } from "./known.ts";
import { Leases, type LeasesByMac, leasesOf } from "./leases.ts";
import type { Picture } from "./picture.ts";

/** Pauses before a guest without an address is asked again: ten minutes in all, then there is none to be had. */
const pausesMs = [1, 2, 3, 5, 5, 10, 10, 10, 15, 30, 30, 60, 120, 300].map((seconds) => seconds * 1000);
/** No guest has an address sooner than the third of these pauses after it was started. */
const afterStart = 2;
/** The agents' connection takes four at a time; who wants to prove something in a guest must not wait for all of them. */
const guestsAtATime = 2;

/** Finds out the addresses of guests: nobody tells when they get one. */
export class GuestAddresses {
  readonly #libvirt: Libvirt;
  readonly #picture: Picture;
  readonly #call: Call;
  readonly #leases: Leases;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #inTurn = atMost(guestsAtATime);

  constructor(libvirt: Libvirt, picture: Picture, call: Call) {
    this.#libvirt = libvirt;
    this.#picture = picture;
    this.#call = call;
    this.#leases = new Leases(libvirt);
  }

  /** A domain was started: its guest is asked until it has an address. */
  afterStart(uuid: string): void {
    this.#later(uuid, afterStart);
  }

  /** Asks a guest now, and as long as it has no address again. Never rejects. */
  async ask(uuid: string, step = 0): Promise<void> {
    this.forget(uuid);
    try {
      await this.#inTurn(() => this.#look(uuid));
    } catch {
      // A lost connection leads to a new picture; all guests are asked again then.
    }
    const known = this.#picture.get(uuid);
    if (known === undefined || !canTell(known) || hasAddress(known.reports)) return;
    if (!this.#timers.has(uuid)) this.#later(uuid, step);
  }

  /** Reads the leases of all networks that running domains are on: one call for each network. */
  async readLeases(): Promise<void> {
    const running = this.#picture.all().filter(isRunning);
    const networks = new Set(running.flatMap(networksOf));
    const found = new Map<string, LeasesByMac>();
    for (const network of networks) {
      const leases = await this.#leases.of(network, this.#call);
      if (leases !== undefined) found.set(network, leases);
    }
    const at = performance.now();
    for (const known of running) {
      const lease = leasesFor(known, found);
      if (lease !== undefined) this.#picture.see({ uuid: known.domain.uuid, at, reports: { lease } });
    }
  }

  /** Asks a guest no more. */
  forget(uuid: string): void {
    clearTimeout(this.#timers.get(uuid));
    this.#timers.delete(uuid);
  }

  close(): void {
    for (const uuid of [...this.#timers.keys()]) this.forget(uuid);
  }

  #later(uuid: string, step: number): void {
    this.forget(uuid);
    const pauseMs = pausesMs[step];
    if (pauseMs === undefined || this.#call.signal.aborted) return;
    this.#timers.set(uuid, setTimeout(() => void this.ask(uuid, step + 1), pauseMs).unref());
  }

  async #look(uuid: string): Promise<void> {
    const known = this.#picture.get(uuid);
    if (known === undefined || !isRunning(known)) return;
    const reports = await this.#reports(known);
    const now = this.#picture.get(uuid);
    // What was asked of one run says nothing of the next.
    if (now?.domain.id === known.domain.id) this.#picture.see({ uuid, at: performance.now(), reports });
  }

  async #reports(known: Known): Promise<Reports> {
    const { domain, run } = known;
    if (run.live?.links.hasAgent) {
      const agent = await agentAddresses(this.#libvirt, domain, this.#call);
      if (agent !== undefined) return { agent };
    }
    const found = new Map<string, LeasesByMac>();
    for (const network of networksOf(known)) {
      const leases = await this.#leases.of(network, this.#call);
      if (leases !== undefined) found.set(network, leases);
    }
    const lease = leasesFor(known, found);
    if (hasAddress({ lease }) || !run.live?.links.nics.some(isOnHost)) return { lease };
    return { lease, arp: await arpAddresses(this.#libvirt, domain, this.#call) };
  }
}

const networksOf = ({ run }: Known): string[] => [
  ...new Set((run.live?.links.nics ?? []).flatMap(({ network }) => network ?? [])),
];

/** Whether there is anything that could tell the addresses of a guest. */
const canTell = (known: Known): boolean =>
  isRunning(known) &&
  (known.run.live?.links.hasAgent || (known.run.live?.links.nics.some(isOnHost) ?? false));

/** Undefined when none of its networks tells. */
function leasesFor({ run }: Known, found: ReadonlyMap<string, LeasesByMac>): Reports["lease"] {
  const nics = (run.live?.links.nics ?? []).filter(
    ({ network }) => network !== undefined && found.has(network),
  );
  if (nics.length === 0) return undefined;
  return nics.flatMap(({ mac, network = "" }) => leasesOf([mac], found.get(network) ?? new Map()));
}
