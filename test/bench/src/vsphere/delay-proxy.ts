import type { Vcsim } from "@virtrigaud/test-tools";
import { startChild } from "../child.ts";

/** What the proxy's process is told. */
export interface DelayOrder {
  readonly target: { url: string; certificatePem: string; privateKeyPem: string };
  readonly delayMs: number;
}

/** A proxy in a process of its own, so that it takes no time from the clients that are measured. */
export async function startDelayProxy({ url, certificatePem, privateKeyPem }: Vcsim, delayMs: number) {
  const order: DelayOrder = { target: { url, certificatePem, privateKeyPem }, delayMs };
  const child = await startChild(new URL("./delay-proxy-process.js", import.meta.url), order);
  return { url: child.address, stop: child.stop };
}
