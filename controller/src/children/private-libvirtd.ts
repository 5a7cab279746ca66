import type { StandInImages } from "../providers/stand-in.ts";
import { type Child, startChild } from "./child.ts";
import { jsonObject } from "./log-line.ts";

/** A libvirtd that nobody else knows of, with an active pool and a small Linux to boot. */
export interface PrivateLibvirtd {
  /** Where it answers, as libvirt's clients write it. */
  readonly uri: string;
  /** Images in its pool, one for each firmware, of a guest that can prove nesting. */
  readonly images: StandInImages;
  readonly stop: Child["stop"];
}

/** Command of the private libvirtd. */
export const LIBVIRTD_COMMAND = "virtrigaud-libvirtd";

/** What the daemon itself logs is full of what a private one lacks and does not miss; a failure to start quotes it all the same. */
const LIBVIRTD_LOG = "libvirtd: ";

/** Its first start on a machine may install packages and builds the images. */
const START_TIMEOUT_MS = 5 * 60_000;

/**
 * Starts a libvirtd of its own with QEMU, as an unprivileged account; its machines end with it.
 * @throws ChildError that tells how it ended, e.g. with what has to be installed, or that it was not ready in time
 */
export async function startPrivateLibvirtd(
  command: string,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<PrivateLibvirtd> {
  const tell = (line: string) => {
    if (!line.startsWith(LIBVIRTD_LOG)) onLine(line);
  };
  const { child, ready } = await startChild(
    { command, args: ["--guest-images"], env, onLine: tell },
    readReady,
    { timeoutMs: START_TIMEOUT_MS, signal },
  );
  return { ...ready, stop: child.stop };
}

function readReady(line: string): Pick<PrivateLibvirtd, "uri" | "images"> | undefined {
  const { uri, images } = jsonObject(line) ?? {};
  if (typeof uri !== "string" || typeof images !== "object" || images === null) return undefined;
  if (!("bios" in images && "uefi" in images)) return undefined;
  return { uri, images: { bios: String(images.bios), uefi: String(images.uefi) } };
}
