import { randomBytes } from "node:crypto";
import { type Child, startChild } from "./child.ts";
import { jsonObject } from "./log-line.ts";

/** What a simulated Proxmox VE cluster shall hold. */
export interface PveStock {
  readonly nodes: readonly string[];
  readonly templates: readonly { readonly vmid: number; readonly name: string }[];
}

/** A simulated Proxmox VE cluster that answers on loopback. */
export interface PveSimulator {
  readonly url: string;
  readonly tokenId: string;
  /** Made for this simulator alone. */
  readonly tokenSecret: string;
  /** PEM certificate that it answers with. */
  readonly certificate: string;
  readonly stop: Child["stop"];
}

/** Command of the simulated Proxmox VE. */
export const PVE_COMMAND = "virtrigaud-pve";

const START_TIMEOUT_MS = 60_000;

/**
 * Starts a simulated cluster whose nodes can nest.
 * @throws ChildError that tells how it ended or that it was not ready in time
 */
export async function startPveSimulator(
  command: string,
  { nodes, templates }: PveStock,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<PveSimulator> {
  const tokenSecret = randomBytes(24).toString("base64url");
  const args = [
    ...nodes.flatMap((name) => ["--node", name]),
    ...templates.flatMap(({ vmid, name }) => ["--template", `${vmid}:${name}`]),
  ];
  const { child, ready } = await startChild(
    { command, args, env: { ...env, PVE_TOKEN_SECRET: tokenSecret }, onLine },
    readReady,
    { timeoutMs: START_TIMEOUT_MS, signal },
  );
  return { ...ready, tokenSecret, stop: child.stop };
}

function readReady(line: string): Pick<PveSimulator, "url" | "tokenId" | "certificate"> | undefined {
  const { url, tokenId, certificatePem } = jsonObject(line) ?? {};
  return typeof url === "string" && typeof tokenId === "string" && typeof certificatePem === "string"
    ? { url, tokenId, certificate: certificatePem }
    : undefined;
}
