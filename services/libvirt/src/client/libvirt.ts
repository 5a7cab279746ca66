import type { Lane as LaneName, Procedure } from "../protocol/procedure.ts";
import { type Arguments, type ProcedureName, procedures, type Returns } from "../protocol/procedures.ts";
import type { StorageVol } from "../protocol/types.ts";
import type { CallOptions } from "./deadline.ts";
import { EventFeed, type LibvirtEvent } from "./event-feed.ts";
import { LibvirtUnreachable } from "./errors.ts";
import { Lane } from "./lane.ts";
import type { Link } from "./link.ts";
import { LinkKeeper } from "./link-keeper.ts";
import { type LinkOptions, openLink } from "./open-link.ts";
import type { ReportRoundTrip } from "./round-trip.ts";
import { type Connect, download, type TransferOptions, upload } from "./transfer.ts";
import type { CredentialFiles } from "./transport/open-channel.ts";
import { parseLibvirtUri } from "./uri.ts";

export interface LibvirtOptions extends CredentialFiles {
  /** "qemu:///system", "qemu+ssh://user@host/system", …: see parseLibvirtUri. */
  readonly uri: string;
  /** Silence after which a connection is asked whether libvirtd is there, in milliseconds. Default 5,000. */
  readonly keepAliveMs?: number | undefined;
  /** Told of every call's end, those that begin transfers included, for metrics and tests. Must not throw. */
  readonly onRoundTrip?: ReportRoundTrip;
}

/**
 * libvirtd stops reading from a connection while five of its calls are at work (max_client_requests), keepalive
 * included. With at most four that may last, there is always room for one; quick ones can queue up for it.
 */
const MAX_SLOW = 4;
const MAX_QUICK = 16;

/**
 * A libvirtd. Connects when first used, and again when a connection broke; virtual machines do not notice either.
 * Three connections share the calls, so that slow ones leave the way free for quick ones, and each transfer has one
 * of its own.
 *
 * All methods reject with LibvirtError (libvirtd refused), LibvirtUnreachable, LibvirtAuthError,
 * LibvirtProtocolError, XdrError (an argument that cannot be sent), or the reason of an aborted signal.
 */
export class Libvirt {
  readonly #open: (options: LinkOptions) => Promise<Link>;
  readonly #keepers: readonly LinkKeeper[];
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #events: EventFeed;
  readonly #transfers: Connect;
  readonly #closing = new AbortController();

  /** Does no I/O. Throws TypeError for a URI that makes no sense. */
  constructor({ uri, keepAliveMs, onRoundTrip = () => {}, ...files }: LibvirtOptions) {
    const target = parseLibvirtUri(uri);
    this.#open = (options) => openLink(target, files, options);
    const keeper = (onMessage?: LinkOptions["onMessage"]) =>
      new LinkKeeper((signal) => this.#open({ signal, keepAliveMs, onMessage }));
    const control = keeper((link, frame) => this.#events.take(link, frame));
    const [long, agent] = [keeper(), keeper()];
    this.#keepers = [control, long, agent];
    this.#lanes = {
      quick: new Lane({ keeper: control, maxInFlight: MAX_QUICK, onRoundTrip }),
      control: new Lane({ keeper: control, maxInFlight: MAX_SLOW, onRoundTrip }),
      long: new Lane({ keeper: long, maxInFlight: MAX_SLOW, onRoundTrip }),
      agent: new Lane({ keeper: agent, maxInFlight: MAX_SLOW, onRoundTrip }),
    };
    this.#events = new EventFeed(this.#lanes.control);
    // Without keepalive, which a reader that takes its time would fail.
    this.#transfers = { open: (signal) => this.#open({ signal, keepAliveMs: "off" }), onRoundTrip };
  }

  /** Calls a procedure; one round trip. */
  call<N extends ProcedureName>(name: N, args: Arguments<N>, options: CallOptions = {}): Promise<Returns<N>> {
    // The compiler does not see that the entry of a name has the types of that name.
    const procedure = procedures[name] as unknown as Procedure<Arguments<N>, Returns<N>>;
    return this.#lanes[procedure.lane(args)].call(name, procedure, args, options);
  }

  /**
   * What happens to all domains, beginning with "resynchronise". Never ends by itself; ends with the signal's
   * reason, when the client is closed, or with LibvirtError where libvirtd has no events.
   */
  events({ signal = this.#closing.signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    return this.#events.read(signal) as AsyncIterable<LibvirtEvent>;
  }

  /**
   * Writes bytes into a volume, as fast as libvirtd takes them. After a failure the volume holds a part of them.
   * Resolves when libvirtd says that they are written.
   */
  async upload(
    vol: StorageVol,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: TransferOptions = {},
  ): Promise<void> {
    await upload(this.#transfers, vol, source, this.#untilClosed(options));
  }

  /** Reads a volume's bytes, as fast as they are taken; leaving the loop ends it. */
  download(vol: StorageVol, options: TransferOptions = {}): AsyncIterable<Uint8Array> {
    return download(this.#transfers, vol, this.#untilClosed(options));
  }

  /** Closes the connections; what is under way fails. */
  close(): void {
    const why = new LibvirtUnreachable("the client was closed", { sent: "no" });
    this.#closing.abort(why);
    this.#events.close(why);
    for (const keeper of this.#keepers) keeper.close();
  }

  #untilClosed(options: TransferOptions): TransferOptions {
    const closed = this.#closing.signal;
    const { signal } = options;
    return { ...options, signal: signal === undefined ? closed : AbortSignal.any([signal, closed]) };
  }
}

/** Connects to a libvirtd; rejects if that fails. `new Libvirt` is the same without waiting for the connection. */
export async function connectLibvirt(options: LibvirtOptions, bounds: CallOptions = {}): Promise<Libvirt> {
  const libvirt = new Libvirt(options);
  try {
    await libvirt.call("connectGetLibVersion", {}, bounds);
    return libvirt;
  } catch (error) {
    libvirt.close();
    throw error;
  }
}
