import { LibvirtAuthError, LibvirtError, LibvirtProtocolError, LibvirtUnreachable } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { type HandshakeOptions, shakeHands } from "./handshake.ts";
import { Link } from "./link.ts";
import { type CredentialFiles, channelTo } from "./transport/open-channel.ts";
import type { Target } from "./uri.ts";

/** A libvirtd that has just been started probes the host before it answers, which takes it some 8 s. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface LinkOptions {
  readonly signal: AbortSignal;
  readonly keepAliveMs?: HandshakeOptions["keepAliveMs"];
  /** What libvirtd sends unasked, and where. */
  readonly onMessage?: ((link: Link, frame: Frame) => void) | undefined;
}

/**
 * A new connection to `target`, ready for calls. Rejects with LibvirtUnreachable (sent "no"), LibvirtAuthError,
 * LibvirtError (libvirtd will not open what the URI names), or the signal's reason.
 */
export async function openLink(
  target: Target,
  files: CredentialFiles,
  { signal, keepAliveMs, onMessage }: LinkOptions,
): Promise<Link> {
  const timeout = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  const bound = AbortSignal.any([signal, timeout]);
  let link: Link | undefined;
  const onAbort = () => link?.destroy(bound.reason);
  bound.addEventListener("abort", onAbort, { once: true });
  try {
    const channel = await channelTo(target, files)(bound);
    const opened = new Link(channel, (frame) => onMessage?.(opened, frame));
    link = opened;
    await shakeHands(opened, { name: target.name, keepAliveMs });
    bound.throwIfAborted();
    return opened;
  } catch (error) {
    const why = link?.death ?? error;
    link?.destroy(why as Error);
    signal.throwIfAborted();
    throw explain(timeout.aborted ? new Error(`no answer for ${CONNECT_TIMEOUT_MS} ms`) : why, target.name);
  } finally {
    bound.removeEventListener("abort", onAbort);
  }
}

/** Nothing was called yet but what makes the connection. */
function explain(why: unknown, name: string): unknown {
  const isTyped = [LibvirtAuthError, LibvirtError, LibvirtProtocolError].some((kind) => why instanceof kind);
  if (isTyped) return why;
  const { message } = why as Error;
  const where = why instanceof LibvirtUnreachable ? message : `${name}: ${message}`;
  return new LibvirtUnreachable(where, { sent: "no", cause: why });
}
