import { randomBytes } from "node:crypto";
import { type Child, startChild } from "./child.ts";
import { jsonObject } from "./log-line.ts";

/** What a simulated vCenter shall hold. */
export interface SimulatorStock {
  readonly templates: readonly string[];
  readonly datastores: readonly string[];
}

/** A simulated vCenter that answers on loopback. */
export interface Simulator {
  readonly url: string;
  readonly username: string;
  /** Made for this simulator alone. */
  readonly password: string;
  /** PEM certificate that it answers with. */
  readonly certificate: string;
  readonly stop: Child["stop"];
}

/** Command of the simulated vCenter. */
export const SIMULATOR_COMMAND = "virtrigaud-vcsim";

const USERNAME = "vrtg@simulated.local";
const START_TIMEOUT_MS = 60_000;

/**
 * Starts a simulated vCenter with hosts that can nest.
 * @throws ChildError that tells how it ended or that it was not ready in time
 */
export async function startSimulator(
  command: string,
  stock: SimulatorStock,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Simulator> {
  const password = randomBytes(24).toString("base64url");
  const args = [
    "-nested=true",
    ...stock.templates.flatMap((name) => ["-template", name]),
    ...stock.datastores.flatMap((name) => ["-datastore", name]),
  ];
  const env = { ...process.env, VCSIM_USERNAME: USERNAME, VCSIM_PASSWORD: password };
  const { child, ready } = await startChild({ command, args, env, onLine }, readReady, {
    timeoutMs: START_TIMEOUT_MS,
    signal,
  });
  return { ...ready, username: USERNAME, password, stop: child.stop };
}

function readReady(line: string): { url: string; certificate: string } | undefined {
  const { url, certificatePem } = jsonObject(line) ?? {};
  return typeof url === "string" && typeof certificatePem === "string"
    ? { url, certificate: certificatePem }
    : undefined;
}
