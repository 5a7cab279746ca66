import type { Procedure } from "../protocol/procedure.ts";
import { type CallOptions, withDeadline } from "./deadline.ts";
import { LibvirtUnreachable, type Sent } from "./errors.ts";
import type { Link } from "./link.ts";
import type { LinkKeeper } from "./link-keeper.ts";
import { reported, type ReportRoundTrip } from "./round-trip.ts";
import { Turns } from "./turns.ts";

export interface LaneOptions {
  /** The connection, which lanes may share. */
  readonly keeper: LinkKeeper;
  /** Most calls that libvirtd has of this lane at one time; the others wait. */
  readonly maxInFlight: number;
  readonly onRoundTrip: ReportRoundTrip;
}

/** Calls that take turns on a connection, which is made when first needed and again after it broke. */
export class Lane {
  readonly #keeper: LinkKeeper;
  readonly #turns: Turns;
  readonly #onRoundTrip: ReportRoundTrip;

  constructor({ keeper, maxInFlight, onRoundTrip }: LaneOptions) {
    this.#keeper = keeper;
    this.#turns = new Turns(maxInFlight);
    this.#onRoundTrip = onRoundTrip;
  }

  /** The connection, made if need be. */
  async link(): Promise<Link> {
    return this.#keeper.get();
  }

  /**
   * Calls within its bounds. A call that libvirtd has not answered when its caller gives up keeps its turn until it
   * is answered: libvirtd still works on it.
   */
  call<A, R>(name: string, procedure: Procedure<A, R>, args: A, options: CallOptions): Promise<R> {
    return this.#call(() => this.#keeper.get(), name, procedure, args, options);
  }

  /** The same on that very connection: rejects if it is no more. */
  callOn<A, R>(link: Link, name: string, procedure: Procedure<A, R>, args: A, options: CallOptions) {
    return this.#call(() => link, name, procedure, args, options);
  }

  #call<A, R>(
    connect: () => Promise<Link> | Link,
    name: string,
    procedure: Procedure<A, R>,
    args: A,
    options: CallOptions,
  ): Promise<R> {
    let sent: Sent = "no";
    let stage = "libvirtd still works on earlier calls";
    const late = (deadlineMs: number) =>
      new LibvirtUnreachable(`${name}: ${stage} after ${deadlineMs} ms, its deadline`, { sent });
    return withDeadline(options, late, async (bound) => {
      await this.#turns.take(bound);
      try {
        stage = "not connected to libvirtd";
        const link = await connect();
        bound.throwIfOver();
        stage = "no answer from libvirtd";
        sent = "maybe";
        return await reported(this.#onRoundTrip, name, link.call(name, procedure, args));
      } finally {
        this.#turns.give();
      }
    });
  }
}
