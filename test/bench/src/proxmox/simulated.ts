import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type DaemonOptions,
  type ProviderDaemon,
  type ProxmoxAccess,
  startProxmoxProvider,
} from "@virtrigaud/test-tools";
import type { CounterOf } from "../metrics.ts";
import type { Scope } from "../scope.ts";
import { storageClass } from "../vm.ts";

const command = fileURLToPath(new URL("../../../fakes/bin/virtrigaud-pve.js", import.meta.url));

/** A simulated Proxmox VE in a process of its own, and how to get in. */
export interface SimulatedPve extends ProxmoxAccess {
  readonly certificatePem: string;
}

/** Starts one as users do, with the template 9000, but that its tasks take 10 ms. */
export async function startPve(scope: Scope): Promise<SimulatedPve> {
  const { pve } = await scope.own(spawnPve, (one) => one.stop());
  return pve;
}

/** Starts a provider before it. */
export function startProvider(
  scope: Scope,
  pve: ProxmoxAccess,
  options: DaemonOptions = {},
): Promise<ProviderDaemon> {
  const settings = { storageClasses: { [storageClass]: { storage: "local-lvm" } } };
  return scope.own(
    () => startProxmoxProvider(pve, { settings, ...options }),
    (one) => one.stop(),
  );
}

/** What a provider counts of its requests. */
export const requestsOf = ({ healthAddress: address }: Pick<ProviderDaemon, "healthAddress">): CounterOf => ({
  address,
  name: "virtrigaud_proxmox_requests_total",
  label: "route",
});

async function spawnPve() {
  const secret = randomUUID();
  // In its own group, so that Ctrl-C does not reach it before we stop it.
  const child = spawn(process.execPath, [command, "--task-ms", "10"], {
    env: { PATH: process.env.PATH, PVE_TOKEN_SECRET: secret },
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const gone = once(child, "exit");
  const { value: line, done } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  if (done) throw new Error(`${command} ended before it served`);
  const { url, tokenId, certificatePem, fingerprint } = JSON.parse(line) as Record<string, string>;
  const pve = { url, certificatePem, fingerprint, token: { id: tokenId, secret } } as SimulatedPve;
  const stop = async () => {
    child.stdin.end();
    await gone;
  };
  return { pve, stop };
}
