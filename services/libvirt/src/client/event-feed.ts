import { type DomainEvent, type EventKind, eventByNumber, eventKinds } from "../protocol/events.ts";
import { REMOTE_PROGRAM } from "../protocol/procedure.ts";
import { sessionProcedures } from "../protocol/procedures/connection.ts";
import { payloadAs } from "./answer.ts";
import { LibvirtError } from "./errors.ts";
import { EventQueue } from "./event-queue.ts";
import type { Frame } from "./frame.ts";
import type { Lane } from "./lane.ts";
import type { Link } from "./link.ts";

/**
 * What happened; or "interrupted": the connection is lost, so what happens from now on is missed; or "resynchronise": events
 * may have been missed (always at first, after a reconnection, and when the reader is too slow), so read everything anew;
 * what happens from then on follows.
 */
export type LibvirtEvent = DomainEvent | { readonly kind: "interrupted" | "resynchronise" };

/** The first is libvirt's oldest and must be there; a libvirtd that lacks one of the others sends the rest. */
const KINDS: readonly EventKind[] = [
  ...(["lifecycle", "reboot", "blockJob", "agent"] as const),
  ...(["deviceAdded", "deviceRemoved", "metadata"] as const),
];

/** Hands libvirtd's events to any number of readers. As long as there is one, it keeps the connection up. */
export class EventFeed {
  readonly #lane: Lane;
  readonly #readers = new Set<EventQueue>();
  /** The connection that is registered, whose events come after a "resynchronise". */
  #registered: Link | undefined;
  #running: Promise<void> | undefined;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** Reads events until the signal ends it with its reason, or a refused registration with LibvirtError. */
  async *read(signal: AbortSignal): AsyncGenerator<LibvirtEvent, never, void> {
    const queue = new EventQueue();
    if (this.#registered !== undefined && this.#registered.death === undefined)
      queue.push({ kind: "resynchronise" });
    this.#readers.add(queue);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    try {
      for (;;) yield await queue.next(signal);
    } finally {
      this.#readers.delete(queue);
    }
  }

  /** Takes a message that libvirtd sent on `link`. Throws LibvirtProtocolError. */
  take(link: Link, { header, payload }: Frame): void {
    const known = header.program === REMOTE_PROGRAM ? eventByNumber(header.procedure) : undefined;
    if (known === undefined || link !== this.#registered) return;
    const { callbackId: _, ...said } = payloadAs(`${known.kind} event`, known.message, payload);
    this.#tell({ kind: known.kind, ...said } as DomainEvent);
  }

  /** Ends all readers with `why`. */
  close(why: Error): void {
    for (const reader of this.#readers) reader.fail(why);
    this.#readers.clear();
  }

  #tell(event: LibvirtEvent): void {
    for (const reader of this.#readers) reader.push(event);
  }

  async #run(): Promise<void> {
    while (this.#readers.size > 0) {
      try {
        const link = await this.#lane.link();
        await this.#register(link);
        await link.closed;
        this.#tell({ kind: "interrupted" });
      } catch {
        // Whoever calls is told that libvirtd is unreachable; here the next attempt counts, and the lane spaces those.
      }
    }
  }

  async #register(link: Link): Promise<void> {
    try {
      for (const kind of KINDS) await this.#registerKind(link, kind);
    } catch (error) {
      // What is registered by halves cannot be registered again without hearing everything twice.
      link.destroy(error as Error);
      if (error instanceof LibvirtError) this.close(error);
      throw error;
    }
    this.#registered = link;
    this.#tell({ kind: "resynchronise" });
  }

  async #registerKind(link: Link, kind: EventKind): Promise<void> {
    const name = "connectDomainEventCallbackRegisterAny";
    const args = { eventId: eventKinds[kind].eventId };
    try {
      await this.#lane.callOn(link, name, sessionProcedures[name], args, {});
    } catch (error) {
      if (kind === "lifecycle" || !(error instanceof LibvirtError)) throw error;
    }
  }
}
