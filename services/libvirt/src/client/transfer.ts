import { streamProcedures } from "../protocol/procedures/storage.ts";
import type { StorageVol } from "../protocol/types.ts";
import type { ByteStream } from "./byte-stream.ts";
import { waitFor } from "./deadline.ts";
import { LibvirtUnreachable } from "./errors.ts";
import type { Link } from "./link.ts";
import { reported, type ReportRoundTrip } from "./round-trip.ts";

/** Which bytes of a volume, and bounds of moving them. */
export interface TransferOptions {
  /** Where in the volume to begin, in bytes. Default 0. */
  readonly offset?: bigint | undefined;
  /** How many bytes at most. Default: to the end. */
  readonly length?: bigint | undefined;
  /** Ends the transfer; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time that libvirtd may take for a next piece, in milliseconds. Default 60,000. */
  readonly stallMs?: number | undefined;
}

/** How a transfer comes to its connection. */
export interface Connect {
  /** Opens one of its own: libvirtd and slow readers hold a whole connection up, which calls must not feel. */
  open(signal: AbortSignal): Promise<Link>;
  /** Told of the end of the call that begins the transfer. */
  readonly onRoundTrip: ReportRoundTrip;
}

const DEFAULT_STALL_MS = 60_000;
/** How long to wait for libvirtd's word that it has dropped a transfer. */
const ABORT_MS = 2000;

/** Writes `source` into the volume; see Libvirt.upload. */
export async function upload(
  connect: Connect,
  vol: StorageVol,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: TransferOptions,
): Promise<void> {
  const transfer = new Transfer(options);
  try {
    const stream = await transfer.begin(connect, "storageVolUpload", vol);
    for await (const bytes of transfer.bounded(source)) await stream.write(bytes);
    await stream.finish();
  } finally {
    await transfer.end();
  }
}

/** Reads the volume; see Libvirt.download. */
export async function* download(
  connect: Connect,
  vol: StorageVol,
  options: TransferOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const transfer = new Transfer(options);
  try {
    const stream = await transfer.begin(connect, "storageVolDownload", vol);
    for (let bytes = await stream.read(); bytes !== undefined; bytes = await stream.read()) yield bytes;
    await stream.finish();
  } finally {
    await transfer.end();
  }
}

/** One stream on a connection of its own, from opening to letting go, whatever happens in between. */
class Transfer {
  readonly #options: TransferOptions;
  readonly #signal: AbortSignal;
  #link: Link | undefined;
  #stream: ByteStream | undefined;
  readonly #onAbort = () => {
    if (this.#stream === undefined) this.#link?.destroy(this.#signal.reason);
    else this.#stream.fail(this.#signal.reason);
  };

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async begin(
    { open, onRoundTrip }: Connect,
    name: keyof typeof streamProcedures,
    vol: StorageVol,
  ): Promise<ByteStream> {
    const { offset = 0n, length = 0n, stallMs = DEFAULT_STALL_MS } = this.#options;
    this.#signal.throwIfAborted();
    this.#link = await open(this.#signal);
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    try {
      const args = { vol, offset, length };
      const opening = this.#link.openStream(name, streamProcedures[name], args, stallMs);
      this.#stream = await reported(onRoundTrip, name, opening);
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
    return this.#stream;
  }

  /** What `source` gives, but not waiting for it once the transfer is aborted. */
  async *bounded(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    let isDone = false;
    try {
      while (!isDone) {
        const next = await waitFor(Promise.resolve(items.next()), this.#signal);
        isDone = next.done === true;
        if (!next.done) yield next.value;
      }
    } finally {
      // Not awaited: a source that does not answer would not answer this either.
      if (!isDone) Promise.resolve(items.return?.()).catch(() => {});
    }
  }

  /** Does nothing to a stream that has come to its end. */
  async end(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#onAbort);
    if (this.#stream !== undefined) await abandon(this.#stream);
    this.#link?.destroy(new LibvirtUnreachable("the transfer is over", { sent: "maybe" }));
  }
}

/** Politely for a while: when a transfer has ended, libvirtd writes nothing more. The connection's end does the rest. */
async function abandon(stream: ByteStream): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ABORT_MS);
  });
  await Promise.race([stream.abort().catch(() => {}), patience]);
  clearTimeout(timer);
}
