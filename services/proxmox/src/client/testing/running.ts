import { afterEach } from "@jest/globals";
import { type Pve as Simulator, type PveOptions as SimulatorOptions, startPve } from "@virtrigaud/fakes";
import type { Credentials } from "../credentials.ts";
import { Pve, type PveOptions } from "../pve.ts";
import type { RequestReport } from "../transport.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Ends something with the test. */
export function endWithTest(close: () => Promise<void>): void {
  closers.push(close);
}

export interface Running {
  readonly simulator: Simulator;
  readonly pve: Pve;
  /** Every request that the client reported. */
  readonly reports: readonly RequestReport[];
  /** Method and path of every request that arrived. */
  readonly arrived: () => string[];
}

/** A simulator over HTTPS with a client that trusts its certificate, both for one test. */
export async function withPve(
  simulated: SimulatorOptions = {},
  options: Partial<PveOptions> = {},
): Promise<Running> {
  const simulator = await startPve({ taskMs: 1, secondMs: 2, ...simulated });
  endWithTest(() => simulator.stop());
  const reports: RequestReport[] = [];
  const pve = new Pve({
    endpoint: simulator.url,
    trust: { mode: "ca", caBundle: simulator.certificatePem },
    credentials: async () => tokenOf(simulator),
    onRequest: (report) => reports.push(report),
    ...options,
  });
  endWithTest(() => pve.close());
  const arrived = () => simulator.requests.map(({ method, path }) => `${method} ${path}`);
  return { simulator, pve, reports, arrived };
}

/** The simulator's first token. */
export function tokenOf({ token }: Simulator): Credentials {
  return { kind: "token", ...token };
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`resolved with ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}
