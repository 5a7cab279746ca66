import { LibvirtError } from "../client/index.ts";

/**
 * What libvirtd answers, or undefined where it refuses, as one does that is too old for the question; `notes` gets its words. An answer that
 * does not come rejects.
 */
export async function unlessRefused<T>(answer: Promise<T>, notes: string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    notes.push(`not told: ${oneLine(error.message)}`);
    return undefined;
  }
}

/** Errors of QEMU come with its log, of which the beginning says most. */
export const oneLine = (message: string): string => message.trim().replaceAll(/\s+/g, " ").slice(0, 300);
