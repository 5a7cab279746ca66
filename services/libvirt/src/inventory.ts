import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ProviderError, status } from "@virtrigaud/kit";
import { interfacesIn } from "./addresses.ts";
import type { Call } from "./call.ts";
import { waitFor } from "./client/deadline.ts";
import type { Domain, Libvirt } from "./client/index.ts";
import type { Adopted } from "./domains.ts";
import { attempt } from "./errors.ts";
import { atMost } from "./inventory/at-most.ts";
import { clonesOf } from "./inventory/clones.ts";
import type { Era } from "./inventory/era.ts";
import type { Journal } from "./inventory/journal.ts";
import { foundOf, type Known } from "./inventory/known.ts";
import { Picture } from "./inventory/picture.ts";
import { type Promised, promisedTo } from "./inventory/promised.ts";
import { Sync, type SyncOptions } from "./inventory/sync.ts";
import type { Found } from "./read-domain.ts";
import { readVolumes } from "./volumes.ts";

/** A libvirtd that was just started takes some 8 s until it answers. */
const answerMs = 10_000;
const volumesAtATime = 3;
const reading = "reading the domains";

/**
 * All domains of a libvirtd: read once when first needed, and from then on kept by events. While libvirtd cannot be reached nothing is answered:
 * every method that takes a call rejects with UNAVAILABLE then.
 */
export class Inventory implements Adopted {
  /** Tells this picture from that of another daemon. */
  readonly id = randomUUID();
  readonly #libvirt: Libvirt;
  readonly #options: SyncOptions;
  readonly #picture = new Picture();
  readonly #inTurn = atMost(volumesAtATime);
  #running: Sync | undefined;

  constructor(libvirt: Libvirt, options: SyncOptions = {}) {
    this.#libvirt = libvirt;
    this.#options = options;
  }

  /** What changed when, for those who watch. */
  get journal(): Journal {
    return this.#picture.journal;
  }

  /** All domains as they were last seen: what the journal's newest change led to. */
  get present(): readonly Known[] {
    return this.#picture.all();
  }

  /** A domain as it was last seen. */
  get(uuid: string): Known | undefined {
    return this.#picture.get(uuid);
  }

  /**
   * All domains as they are now: libvirtd is asked for a sign of life, which comes after the events of what happened before, and what those tell of
   * is read. One round trip and one more for each domain that just changed.
   */
  async all(call: Call): Promise<Known[]> {
    for (;;) {
      const era = await this.#current(call);
      await attempt(reading, async () => {
        await this.#signOfLife(call);
        await waitFor(era.catchUp(), call.signal);
      });
      if (this.#running?.current === era) return this.#picture.all();
    }
  }

  /** The same domains with their volumes. Those that were never read are read; from then on they cost nothing more. */
  async withVolumes(domains: readonly Known[], call: Call): Promise<Known[]> {
    const unread = domains.filter(({ volumes }) => volumes === undefined);
    await attempt("reading the volumes of the domains", () =>
      Promise.all(unread.map((known) => this.#inTurn(() => this.#readVolumes(known, call)))),
    );
    return domains.map((known) =>
      known.volumes === undefined ? (this.get(known.domain.uuid) ?? known) : known,
    );
  }

  /** The domain that bears the marker of an owner although its UUID is another. Costs no call once the picture is made. */
  async adoptedBy(uid: string, call: Call): Promise<Domain | undefined> {
    await this.#current(call);
    return this.#picture.all().find(({ domain, stored }) => stored.owner?.uid === uid && domain.uuid !== uid)
      ?.domain;
  }

  /** What VMs of ours were promised. Costs no call once the picture is made. */
  async promised(call: Call, options: Parameters<typeof promisedTo>[1] = {}): Promise<Promised> {
    await this.#current(call);
    return promisedTo(this.#picture.all(), options);
  }

  /** @throws FAILED_PRECONDITION CLONES_EXIST when disks of other domains are on top of a VM's. */
  async requireNoClones(uid: string, call: Call): Promise<void> {
    const clones = clonesOf(uid, await this.withVolumes(await this.all(call), call));
    if (clones.length === 0) return;
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "CLONES_EXIST",
      message: `linked clones need the disks of VM ${uid}: ${clones.join(", ")}; delete those first`,
    });
  }

  /**
   * Takes over what somebody has read of a domain just now, so that it is not read again. Answers the same with the addresses that the guest told
   * before, where it does not answer this time.
   */
  note(found: Found): Found {
    this.#running?.era.note(found);
    const known = this.#picture.get(found.domain.uuid);
    return known === undefined ? found : { ...found, interfaces: interfacesIn(known.reports) };
  }

  close(): void {
    this.#running?.close();
  }

  /** The present era, whose picture is complete. */
  async #current({ signal }: Call): Promise<Era> {
    this.#running ??= new Sync(this.#libvirt, this.#picture, this.#options);
    const sync = this.#running;
    while (sync.current === undefined)
      await attempt(reading, async () => {
        // Whoever waited for a libvirtd that cannot be reached would wait for as long as that lasts.
        await this.#signOfLife({ signal });
        await sync.untilCurrent(signal);
      });
    return sync.current;
  }

  /** On the connection that brings the events: those of before have been heard when it resolves. */
  async #signOfLife({ signal }: Call): Promise<void> {
    await this.#libvirt.call("connectGetLibVersion", {}, { signal, deadlineMs: answerMs });
    // They came before the answer, and whoever reads them does so before the next turn.
    await nextTurn();
  }

  async #readVolumes(known: Known, call: Call): Promise<void> {
    const { stored, live } = foundOf(known);
    const at = performance.now();
    const volumes = await readVolumes(this.#libvirt, live ?? stored, call);
    this.#picture.see({ uuid: known.domain.uuid, at, volumes });
  }
}
