import { type NetConnectOpts, connect, type Socket } from "node:net";
import { LibvirtUnreachable } from "../errors.ts";

/** Connects; rejects with LibvirtUnreachable naming `where` and what Node says, or the signal's reason. */
export function openSocket(options: NetConnectOpts, where: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect(options);
    const onAbort = () => fail(signal.reason);
    const settle = () => {
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("error", onError);
    };
    const fail = (reason: unknown) => {
      settle();
      socket.on("error", () => {});
      socket.destroy();
      reject(reason);
    };
    const onError = (cause: Error) =>
      fail(new LibvirtUnreachable(`${where}: ${reasonOf(cause)}`, { sent: "no", cause }));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", onError);
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
  });
}

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function reasonOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return (first as Error).message;
}
