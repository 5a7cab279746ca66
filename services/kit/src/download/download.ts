import type { Dispatcher } from "undici";
import type { Checksum } from "./checksum.ts";
import { Digests } from "./digests.ts";
import { noRoom, notServed, refused, unreachable } from "./failures.ts";
import { HttpClient } from "./http-client.ts";
import { publicName } from "./public-name.ts";
import { resumableBody } from "./resumable-body.ts";

const IDLE_MS = 30_000;

/** Where the file goes. */
export interface Room {
  readonly bytes: number;
  /** For messages: "pool default". */
  readonly where: string;
}

export interface DownloadOptions {
  /** http or https. A user and password in it are sent as basic authentication, to its host alone. */
  readonly url: string;
  /** What the file must hash to; without it nothing is checked. */
  readonly checksum?: Checksum | undefined;
  /** Hosts by name or address, without port, that may be reached although they are loopback or link-local. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** What may be stored; a larger file fails, as soon as that is known. */
  readonly room?: Room | undefined;
  readonly signal: AbortSignal;
  /** Longest silence of the server, in milliseconds. Default 30,000. */
  readonly idleMs?: number | undefined;
}

/** A file that a server has begun to send. */
export interface RemoteFile {
  /** As the server announced it; undefined where it does not know. */
  readonly lengthBytes: number | undefined;
  /** The file as fast as it is taken, once. Ends without error only if it is complete and what the checksum says. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** SHA-256 in lower-case hexadecimal, once the bytes have come to their end. */
  readonly sha256: () => string;
}

/**
 * Downloads a file through `use`, in constant memory, resuming after broken connections. What `use` has not read when it ends is dropped.
 * @throws ProviderError IMAGE_UNREACHABLE (UNAVAILABLE, or FAILED_PRECONDITION where repeating does not help), IMAGE_REFUSED,
 *   STORAGE_FULL, and while reading IMAGE_TRUNCATED, IMAGE_CHECKSUM_MISMATCH; the signal's reason; what `use` throws.
 */
export async function withDownload<T>(
  options: DownloadOptions,
  use: (file: RemoteFile) => Promise<T>,
): Promise<T> {
  const { allowedHosts = [], idleMs = IDLE_MS } = options;
  const http = new HttpClient({ allowedHosts, idleMs });
  try {
    return await use(await open(http, options));
  } finally {
    await http.close();
  }
}

async function open(http: HttpClient, { url, checksum, room, signal }: DownloadOptions): Promise<RemoteFile> {
  const name = publicName(url);
  const again = (headers: Readonly<Record<string, string>>) =>
    http.get({ url: new URL(url), headers, signal, mayDowngrade: checksum !== undefined });
  const response = await again({});
  // What is not read is broken off in the end, which must not become an unhandled error.
  response.body.on("error", () => {});
  requireWhole(name, response);
  const lengthBytes = lengthOf(response);
  if (room !== undefined && (lengthBytes ?? 0) > room.bytes)
    throw noRoom(name, String(lengthBytes), room.where, room.bytes);
  const digests = new Digests(checksum);
  const body = resumableBody({ name, response, lengthBytes, again, signal });
  return { lengthBytes, bytes: checked(name, body, digests, room), sha256: () => digests.sha256() };
}

async function* checked(
  name: string,
  body: AsyncIterable<Uint8Array>,
  digests: Digests,
  room: Room | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let received = 0;
  for await (const bytes of body) {
    received += bytes.length;
    if (room !== undefined && received > room.bytes)
      throw noRoom(name, `more than ${room.bytes}`, room.where, room.bytes);
    digests.update(bytes);
    yield bytes;
  }
  digests.finish(name);
}

/** Answers that may be another the next time. */
const passing = [408, 425, 429];

function requireWhole(name: string, { statusCode, headers }: Dispatcher.ResponseData): void {
  if (statusCode >= 500 || passing.includes(statusCode))
    throw unreachable(name, `the server answered ${statusCode}`);
  if (statusCode === 401 || statusCode === 403)
    throw notServed(name, `the server answered ${statusCode}: it wants a login, or another one`);
  if (statusCode !== 200) throw notServed(name, `the server answered ${statusCode}; correct the URL`);
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw refused(
      name,
      `the server sent it with content-encoding ${String(encoding)}, which was not asked for`,
    );
}

function lengthOf({ headers }: Dispatcher.ResponseData): number | undefined {
  const length = Number(headers["content-length"] ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}
