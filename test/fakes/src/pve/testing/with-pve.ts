import { afterEach } from "@jest/globals";
import type { PveOptions } from "../options.ts";
import { type Pve, startPve } from "../start.ts";
import { type Answer, ask, dataOf, finished, withToken } from "./client.ts";

const running: Pve[] = [];

/** A simulator with a client, for one test. */
export interface Running {
  readonly pve: Pve;
  /** Sends a request with the first token. */
  readonly call: (
    method: string,
    path: string,
    params?: Readonly<Record<string, unknown>>,
    json?: boolean,
  ) => Promise<Answer>;
  /** Sends a request, waits for its task, and gives how it ended. */
  readonly run: (method: string, path: string, params?: Readonly<Record<string, unknown>>) => Promise<Ended>;
  /** The data of a GET. */
  readonly get: (path: string, params?: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Sends a request with the token of this index. */
  readonly as: (token: number) => Running["call"];
}

export interface Ended {
  readonly exit: string;
  readonly log: readonly string[];
}

/** Starts a simulator that stops with the test. Plain HTTP unless the options ask for TLS. */
export async function withPve(options: PveOptions = {}): Promise<Running> {
  const pve = await startPve({ tls: false, taskMs: 1, secondMs: 2, ...options });
  running.push(pve);
  const call = withToken(pve);
  return {
    pve,
    call,
    run: async (method, path, params) => finished(pve, await call(method, path, params)),
    get: async (path, params) => dataOf(await call("GET", path, params)),
    as: (token) => withToken(pve, pve.cluster.access.tokens[token]),
  };
}

/** Stops what the tests of a file start. Call it once per file. */
export function stopAfterEach(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((pve) => pve.stop()));
  });
}

export { ask, dataOf, finished };
