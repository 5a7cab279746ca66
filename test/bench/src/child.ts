import { fork } from "node:child_process";
import { once } from "node:events";

/** A helper process that serves something. */
export interface Child {
  /** Where it serves. */
  readonly address: string;
  /** Processor time that it has used so far, in microseconds. */
  cpuMicros(): Promise<number>;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts a compiled module that calls `runChild`. Whatever becomes of this process, it ends with it. @throws Error when it ends before it serves. */
export async function startChild(module: URL, order: unknown): Promise<Child> {
  // Its standard output is a log that nobody reads; in its own group, so that Ctrl-C does not reach it before we stop it.
  const child = fork(module, { stdio: ["ignore", "ignore", "inherit", "ipc"], detached: true });
  const gone = once(child, "exit");
  child.send(order as object);
  const ended = gone.then(([code]) =>
    Promise.reject(new Error(`${module.pathname} ended with ${code} before it served`)),
  );
  const [address] = (await Promise.race([once(child, "message"), ended])) as [string];
  ended.catch(() => undefined);
  return {
    address,
    async cpuMicros() {
      child.send("cpu");
      const [micros] = (await Promise.race([once(child, "message"), ended])) as [number];
      return micros;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
