import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { run } from "../go/run.ts";
import type { Account } from "./account.ts";

/** Which of its two kinds a libvirtd is: an ordinary user's, or root's with bridges, leases and cgroups. */
export type Scope = "session" | "system";

/** Where a private libvirtd keeps everything. */
export interface Home {
  readonly scope: Scope;
  readonly account: Account;
  readonly directory: string;
  /** Of the daemon. */
  readonly configuration: string;
  readonly socket: string;
  /** Directory of the storage pool `default`. */
  readonly pool: string;
  /** Directory with what libvirt found out about this machine's QEMU. */
  readonly capabilities: string;
}

/** Makes the directories and configuration files of a private libvirtd, its account's own. */
export async function createHome(scope: Scope, account: Account): Promise<Home> {
  // Neither TMPDIR nor a longer name: libvirt makes sockets below it, whose paths Linux limits to 107 bytes.
  const directory = await mkdtemp("/tmp/vl-");
  const home: Home = {
    scope,
    account,
    directory,
    configuration: join(directory, "libvirtd.conf"),
    socket: join(directory, "run/libvirt/libvirt-sock"),
    pool: join(directory, "pool"),
    capabilities: join(directory, "cache/libvirt/qemu", scope === "session" ? "cache" : "", "capabilities"),
  };
  for (const needed of [
    home.pool,
    home.capabilities,
    ...["run", "tmp", "data/libvirt"].map(within(directory)),
  ]) {
    await mkdir(needed, { recursive: true });
  }
  await writeConfiguration(home);
  await run("chown", ["--recursive", `${account.uid}:${account.gid}`, directory]);
  // Root's libvirtd runs QEMU and swtpm as other accounts, which have to get to the pool and to write there.
  if (scope === "system") {
    await chmod(directory, 0o711);
    await chmod(join(directory, "tmp"), 0o1777);
  }
  return home;
}

/** The environment of a daemon but for TMPDIR. It makes a libvirtd of the session kind stay within its home. */
export function environmentOf({ directory }: Home): Record<string, string> {
  return {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, "config"),
    XDG_CACHE_HOME: join(directory, "cache"),
    XDG_DATA_HOME: join(directory, "data"),
    XDG_RUNTIME_DIR: join(directory, "run"),
  };
}

async function writeConfiguration({ scope, directory, configuration, pool }: Home): Promise<void> {
  // Without a fixed one, a machine that has no SMBIOS tables is another host after every restart.
  const daemon = [`host_uuid = "${randomUUID()}"`, 'log_outputs = "3:stderr"', 'auth_unix_rw = "none"'];
  await writeFile(configuration, daemon.map((line) => `${line}\n`).join(""));
  const libvirt = join(directory, "config/libvirt");
  await mkdir(libvirt, { recursive: true });
  // Guests' output goes to its files directly: virtlogd would be one more daemon, which outlives this one.
  await writeFile(join(libvirt, "qemu.conf"), 'stdio_handler = "file"\n');
  await writeAutostarted(
    join(libvirt, "storage"),
    // As a host's own pool, the same one after every restart.
    `<pool type="dir"><name>default</name><uuid>${randomUUID()}</uuid><target><path>${pool}</path></target></pool>`,
  );
  if (scope === "system") await writeAutostarted(join(libvirt, "qemu/networks"), network);
}

/** Isolated, so that it works without routes, forwarding and firewall. */
const network = `<network>
  <name>default</name>
  <bridge name="virbr0"/>
  <ip address="192.168.122.1" netmask="255.255.255.0">
    <dhcp><range start="192.168.122.2" end="192.168.122.254"/></dhcp>
  </ip>
</network>`;

async function writeAutostarted(directory: string, definition: string): Promise<void> {
  const path = join(directory, "default.xml");
  const link = join(directory, "autostart/default.xml");
  await mkdir(dirname(link), { recursive: true });
  await writeFile(path, `${definition}\n`);
  await symlink(path, link);
}

function within(directory: string): (name: string) => string {
  return (name) => join(directory, name);
}
