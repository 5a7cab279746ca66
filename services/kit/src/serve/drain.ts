import type { Server } from "@grpc/grpc-js";
import { pause } from "../poll.ts";
import type { CallEnvironment } from "./call-environment.ts";

/** For handlers to heed their signal, and for the last answers to reach the network. */
const LAST_MS = 500;

/**
 * Stops a server: no new connections or calls, streams end at once since their callers resume them, unary calls go on for a
 * while, then are aborted.
 * @param drainMs how long unary calls may go on, in milliseconds.
 */
export async function drain(server: Server, calls: CallEnvironment, drainMs: number): Promise<void> {
  const shutDown = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  calls.stopStreams.abort();
  const idle = () =>
    [calls.unary, calls.streams].every((one) => one.counts().running + one.counts().waiting === 0);
  await waitFor(idle, drainMs);
  calls.stopAll.abort();
  await waitFor(idle, LAST_MS);
  // Health watches and reflection streams have no end of their own.
  await Promise.race([shutDown, pause(LAST_MS)]);
  server.forceShutdown();
}

async function waitFor(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition() && Date.now() < deadline) await pause(20);
}
