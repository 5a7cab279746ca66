import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

/** A two-way stream of bytes to libvirtd, whatever carries it. */
export interface Channel {
  readonly input: Readable;
  readonly output: Writable;
  /** Resolves once it is over, to why if that is known. */
  readonly ended: Promise<Error | undefined>;
  /** Gives up the connection at once. */
  destroy(): void;
}

/** Opens a channel; rejects with LibvirtUnreachable (sent "no"), LibvirtAuthError or the signal's reason. */
export type OpenChannel = (signal: AbortSignal) => Promise<Channel>;

/** The channel that a connected socket is. */
export function socketChannel(socket: Socket): Channel {
  const ended = new Promise<Error | undefined>((resolve) => {
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.once("close", () => resolve(failure));
  });
  return { input: socket, output: socket, ended, destroy: () => socket.destroy() };
}
