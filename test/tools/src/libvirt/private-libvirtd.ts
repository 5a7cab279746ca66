import { constants } from "node:fs";
import { chown, copyFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { ensureDebianPackages } from "../debian/packages.ts";
import type { Log } from "../go/build.ts";
import { accountOf, root } from "./account.ts";
import { recallCapabilities, rememberCapabilities } from "./capabilities-cache.ts";
import { type Daemon, startDaemon, uriOf } from "./daemon.ts";
import { createHome, type Home } from "./home.ts";
import { needNamespaces } from "./namespaces.ts";
import { startSupervisor } from "./supervisor.ts";

export interface PrivateLibvirtdOptions {
  /** Account to run as, which only root may choose; default nobody for root, else this process's own. */
  readonly user?: string;
}

/** A libvirtd of its own, with QEMU, storage and state that no other libvirt knows of. */
export interface PrivateLibvirtd {
  /** For `virsh -c` and every other client; root and `user` may connect. */
  readonly uri: string;
  readonly socket: string;
  /** Directory of the active storage pool `default`. */
  readonly pool: string;
  readonly user: string;
  /** Of the daemon, another one after restart(). */
  readonly pid: number;
  /** Copies a disk image into the pool's directory as `user`'s; the pool sees it after a refresh. Answers its path. */
  addImage(source: string, name: string): Promise<string>;
  /** Ends the daemon as a crash would; its machines run on. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it from doing anything, as an overloaded host would, until thaw(). */
  freeze(): void;
  thaw(): void;
  /** Ends the daemon if it runs, and starts it anew. Its machines run on. */
  restart(): Promise<void>;
  /** Ends everything, machines included, and removes all files. */
  stop(): Promise<void>;
}

const packages = [
  ...["libvirt-daemon", "libvirt-clients", "qemu-system-x86", "qemu-utils"],
  ...["ovmf", "swtpm", "swtpm-tools", "tini"],
];

/**
 * Starts a libvirtd in session mode, as an unprivileged account even for root, and waits until it answers. It has no
 * bridges and no DHCP leases; machines are emulated unless the account may use /dev/kvm. All of it ends with this
 * process at the latest. `log` gets the installation's progress and the daemon's own log.
 * @throws DebianPackagesMissing when libvirt cannot be had here; Error with the daemon's words when it does not start.
 */
export async function startPrivateLibvirtd(
  options: PrivateLibvirtdOptions = {},
  log: Log = () => {},
): Promise<PrivateLibvirtd> {
  await ensureDebianPackages(packages, log);
  const home = await createHome("session", await accountOf(options.user));
  return startIn(home, log);
}

/**
 * The same as root's, for what only that has: bridges, DHCP leases, cgroups, locked memory. It runs in mount and network
 * namespaces of its own, with an isolated network `default`, so the machine's libvirt and interfaces are not touched.
 * @throws DebianPackagesMissing and Error as above; PrivilegeMissing when this process cannot make namespaces.
 */
export async function startSystemLibvirtd(log: Log = () => {}): Promise<PrivateLibvirtd> {
  await needNamespaces();
  await ensureDebianPackages([...packages, "libvirt-daemon-system", "dnsmasq-base", "iproute2"], log);
  const home = await createHome("system", root);
  return startIn(home, log);
}

async function startIn(home: Home, log: Log): Promise<PrivateLibvirtd> {
  const words: string[] = [];
  const supervisor = await startSupervisor(home, (line) => {
    words.push(line);
    if (words.length > 10) words.shift();
    log(`libvirtd: ${line}`);
  });
  try {
    await recallCapabilities(home);
    const start = () => startDaemon(home, supervisor);
    const daemon = await start();
    await rememberCapabilities(home);
    return instance(home, daemon, start, () => supervisor.end());
  } catch (error) {
    // A supervisor that never came to run has removed nothing.
    await supervisor.end().catch(() => rm(home.directory, { recursive: true }));
    throw new Error(`${(error as Error).message}: ${words.join(" | ")}`, { cause: error });
  }
}

function instance(
  home: Home,
  first: Daemon,
  start: () => Promise<Daemon>,
  stop: () => Promise<void>,
): PrivateLibvirtd {
  let daemon = first;
  return {
    uri: uriOf(home),
    socket: home.socket,
    pool: home.pool,
    user: home.account.name,
    get pid() {
      return daemon.pid;
    },
    addImage: async (source, name) => {
      const path = join(home.pool, name);
      await copyFile(source, path, constants.COPYFILE_EXCL);
      await chown(path, home.account.uid, home.account.gid);
      return path;
    },
    kill: () => daemon.end("SIGKILL"),
    freeze: () => daemon.signal("SIGSTOP"),
    thaw: () => daemon.signal("SIGCONT"),
    restart: async () => {
      await daemon.end("SIGTERM");
      daemon = await start();
    },
    stop,
  };
}
