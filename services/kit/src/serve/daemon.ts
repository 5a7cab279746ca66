import { setMaxListeners } from "node:events";
import { ConfigError } from "../config/env.ts";

/**
 * A signal that SIGTERM or SIGINT aborts; a second one ends the process at once. With VIRTRIGAUD_EXIT_WITH_STDIN=true the end of standard
 * input aborts it too: a parent that holds the other end takes the daemon with it, even when it is killed.
 */
export function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  // Whatever the daemon does may listen to it.
  setMaxListeners(0, controller.signal);
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => controller.abort());
  if (process.env.VIRTRIGAUD_EXIT_WITH_STDIN === "true") {
    process.stdin.once("end", () => controller.abort()).resume();
    // A daemon that ends by itself does not wait for its parent.
    process.stdin.unref();
  }
  return controller.signal;
}

/**
 * Runs a daemon's main function to its end. A ConfigError is printed for people, without stack, and ends the process with code
 * 2; any other error with code 1.
 */
export async function runDaemon(main: (signal: AbortSignal) => Promise<void>): Promise<void> {
  try {
    await main(terminationSignal());
  } catch (error) {
    process.exitCode = error instanceof ConfigError ? 2 : 1;
    console.error(error instanceof ConfigError ? error.message : error);
    // Clients that the failed main left open must not keep a daemon alive that serves nothing.
    setTimeout(() => process.exit(), 1_000).unref();
  }
}
