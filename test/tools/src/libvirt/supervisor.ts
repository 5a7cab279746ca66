import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Log } from "../go/build.ts";
import { asAccount } from "./account.ts";
import { environmentOf, type Home } from "./home.ts";
import { insideNamespaces } from "./namespaces.ts";

/** The parent of a private libvirtd and of all that it leaves behind. It cleans up, whichever way this process ends. */
export interface Supervisor {
  /** Starts a daemon. Answers its process id. */
  start(): Promise<number>;
  /** Ends everything, removes the home and waits until nothing is left. */
  end(): Promise<void>;
}

const script = fileURLToPath(new URL("../../src/libvirt/supervise.sh", import.meta.url));

/** Starts the supervisor of a home, as the home's account. `log` gets what its daemons write. */
export async function startSupervisor(home: Home, log: Log): Promise<Supervisor> {
  const [command = "", ...args] = [
    ...(home.scope === "system" ? await insideNamespaces(home) : []),
    // libvirt waits until a machine that it ended is no process any more. QEMU is a daemon, so that takes an init that
    // reaps, which not every container has.
    ...["tini", "-s", "--"],
    // By its text, as the account may have no access to the repository.
    ...["/bin/sh", "-c", await readFile(script, "utf8"), "supervise.sh", home.directory],
    ...["libvirtd", "--config", home.configuration],
  ];
  const child = spawn(command, args, {
    ...asAccount(home.account),
    cwd: "/",
    env: environmentOf(home),
    stdio: ["pipe", "pipe", "pipe"],
    // The Ctrl-C that ends this process's group must not end the one that cleans up after it.
    detached: true,
  });
  createInterface(child.stderr).on("line", log);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exit = once(child, "exit");
  exit.catch(() => {});
  return {
    start: async () => {
      child.stdin.write("start\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`the supervisor of ${home.directory} is gone`);
      return Number(value);
    },
    end: async () => {
      child.stdin.end();
      const [code, signal] = (await exit) as [number | null, NodeJS.Signals | null];
      if (code !== 0) throw new Error(`cleaning up ${home.directory} failed (${signal ?? code})`);
    },
  };
}
