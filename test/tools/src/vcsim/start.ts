import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { Log } from "../go/build.ts";
import { buildVcsim } from "./build.ts";
import { flagsOf, type VcsimOptions } from "./options.ts";

/** A running simulated vCenter. */
export interface Vcsim {
  /** `https://127.0.0.1:PORT/sdk` */
  readonly url: string;
  readonly username: string;
  /** Random, new with every start. */
  readonly password: string;
  /** Self-signed for 127.0.0.1 and localhost, new with every start; trust it as its own authority or pin it. */
  readonly certificatePem: string;
  /** The certificate's key, for a proxy that stands before the simulator. */
  readonly privateKeyPem: string;
  /** AA:BB:…, 32 bytes. */
  readonly thumbprintSha256: string;
  /** The govmomi release inside, v0.24.2 for the build from Debian's packages. */
  readonly govmomi: string;
  readonly pid: number;
  /** Ends it as an operator would and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it as a power cut would and waits until it is gone. */
  kill(): Promise<void>;
}

interface Ready {
  readonly url: string;
  readonly username: string;
  readonly certificatePem: string;
  readonly thumbprintSha256: string;
  readonly keyFile: string;
  readonly govmomi: string;
}

/**
 * Builds the simulated vCenter when needed, starts it and waits until it answers. `log` gets the build's progress and
 * the simulator's own log. It ends with this process at the latest.
 * @throws GoProgramUnavailable when it cannot be built; Error with its own words when it does not start.
 */
export async function startVcsim(options: VcsimOptions = {}, log: Log = () => {}): Promise<Vcsim> {
  const binary = await buildVcsim(log);
  const password = randomBytes(18).toString("base64url");
  // Its own temporary directory, so that nothing is left of it even when it is killed.
  const home = await mkdtemp(join(tmpdir(), "virtrigaud-vcsim-"));
  const child = spawn(binary, flagsOf(options), {
    stdio: ["pipe", "pipe", "pipe"],
    env: { TMPDIR: home, VCSIM_USERNAME: "administrator@vsphere.local", VCSIM_PASSWORD: password },
  });
  const gone = once(child, "close").finally(() => rm(home, { recursive: true, force: true }));
  const { keyFile, ...ready } = await readyLine(child, log).catch(async (error: unknown) => {
    child.kill("SIGKILL");
    await gone.catch(() => {});
    throw error;
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return {
    ...ready,
    password,
    privateKeyPem: await readFile(keyFile, "utf8"),
    pid: child.pid ?? 0,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** The first line of standard output; an end before it is an error that quotes standard error. */
function readyLine(child: ChildProcess, log: Log): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const words: string[] = [];
    if (!child.stdout || !child.stderr) throw new Error("vcsim was started without pipes");
    createInterface(child.stderr).on("line", (line) => {
      words.push(line);
      if (words.length > 10) words.shift();
      log(`vcsim: ${line}`);
    });
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as Ready));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      reject(new Error(`vcsim ended (${signal ?? code}) before it was ready: ${words.join(" | ")}`));
    });
  });
}
