import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../go/run.ts";
import type { Home } from "./home.ts";
import type { Supervisor } from "./supervisor.ts";

const startSeconds = 60;

/** One run of libvirtd. */
export interface Daemon {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Ends it by this signal, if it runs, and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts libvirtd and waits until it answers clients. @throws Error when it ends before, or takes a minute. */
export async function startDaemon(home: Home, supervisor: Supervisor): Promise<Daemon> {
  const pid = await supervisor.start();
  const daemon: Daemon = {
    pid,
    signal: (signal) => void process.kill(pid, signal),
    end: async (signal) => {
      if (await isAlive(pid)) process.kill(pid, signal);
      while (await isAlive(pid)) await sleep(10);
    },
  };
  const deadline = AbortSignal.timeout(startSeconds * 1000);
  while (!(await answers(home))) {
    if (!(await isAlive(pid))) throw new Error("libvirtd ended before it was ready");
    if (deadline.aborted) throw new Error(`libvirtd was not ready within ${startSeconds} s`);
    await sleep(50);
  }
  return daemon;
}

/** Whether a process runs. A zombie does not: its parent may take its time. */
export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tX");
  return !/^State:\t[XZ]/m.test(status);
}

/** The URI by which this machine's clients reach the daemon of a home. */
export function uriOf({ scope, socket }: Home): string {
  return `qemu+unix:///${scope}?socket=${socket}`;
}

/** Runs a virsh command against the daemon with this URI. */
export async function virsh(uri: string, ...args: string[]): Promise<string> {
  // Where the daemon does not answer, virsh would start one of the user's own and talk to that.
  const env = { ...process.env, LIBVIRT_AUTOSTART: "0" };
  return (await run("virsh", ["--connect", uri, "--quiet", ...args], { env })).trim();
}

async function answers(home: Home): Promise<boolean> {
  return virsh(uriOf(home), "uri").then(
    () => true,
    () => false,
  );
}
