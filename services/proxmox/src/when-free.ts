import { pollUntil } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { isRefused } from "./errors.ts";

/** Proxmox VE itself has waited ten seconds for its lock file by the time it refuses. */
const mostTries = 4;
const pauses = { intervalMs: 200, maxIntervalMs: 1_000 };

/**
 * Repeats a change that was refused because another call held the VM's lock file; a refused one did nothing. At last the refusal stands, and at
 * once that of a VM which is locked for a backup or the like: when that ends the configuration is another, and so must be the change.
 */
export async function whenFree<T>(change: () => Promise<T>, { signal }: Call): Promise<T> {
  let tries = 0;
  const look = async () => {
    tries += 1;
    try {
      return { answer: await change() };
    } catch (error) {
      if (tries === mostTries || !isRefused(error, "BUSY") || isMarked(error.reason)) throw error;
      return undefined;
    }
  };
  return (await pollUntil(look, { signal, ...pauses })).answer;
}

/** "VM is locked (backup)" */
const isMarked = (reason: string): boolean => reason.startsWith("VM is locked");
