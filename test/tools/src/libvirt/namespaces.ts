import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { PrivilegeMissing } from "../debian/missing.ts";
import { run } from "../go/run.ts";
import type { Home } from "./home.ts";

/** Directories that a system libvirtd and its helpers write to, and what stands in for each in a home. */
const mounts = [
  ["/etc/libvirt", "config/libvirt"],
  ["/var/lib/libvirt", "data/libvirt"],
  ["/var/lib/swtpm-localca", "tmp"],
  ["/var/cache/libvirt", "cache/libvirt"],
  ["/var/log", "log"],
  ["/run", "run"],
] as const;

const unshare = ["unshare", "--mount", "--net"] as const;

/** @throws PrivilegeMissing when this process cannot make the namespaces that a system libvirtd is put into. */
export async function needNamespaces(): Promise<void> {
  const [command, ...args] = unshare;
  await run(command, [...args, "true"]).catch((error: Error) => {
    const message = `a system libvirtd needs root that can make namespaces (CAP_SYS_ADMIN): ${error.message}`;
    throw new PrivilegeMissing(message, { cause: error });
  });
}

/** Devices that libvirtd and QEMU open. */
const devices = ["null", "zero", "full", "random", "urandom", "tty", "ptmx"].map((name) => `/dev/${name}`);

/**
 * A /dev without KVM: where QEMU's own account may not open it, libvirt asks QEMU anew what it can at each call, which
 * takes seconds; and where it can, machines would differ in what the tests see.
 */
function withoutKvm(directory: string): string[] {
  const dev = join(directory, "dev");
  return [
    `mkdir ${dev}`,
    `mount -t tmpfs -o mode=0755 dev ${dev}`,
    `mkdir ${dev}/net ${dev}/pts ${dev}/shm`,
    `cp -a ${devices.join(" ")} ${dev}`,
    `{ cp -a /dev/net/tun ${dev}/net || true; }`,
    `mount --rbind /dev/pts ${dev}/pts`,
    `mount -t tmpfs shm ${dev}/shm`,
    // What is only covered libvirt would still find in the list of mounts, and take for its own.
    "umount --recursive --lazy /dev",
    `mount --move ${dev} /dev`,
  ];
}

/**
 * The beginning of a command line, which runs its rest in namespaces where the system's libvirt directories are the
 * home's, there is no KVM and no network interface but loopback.
 */
export async function insideNamespaces(home: Home): Promise<string[]> {
  const commands: string[] = [];
  for (const [path, name] of mounts) {
    await mkdir(join(home.directory, name), { recursive: true });
    commands.push(`mount --bind ${join(home.directory, name)} ${path}`);
  }
  const script = [...commands, ...withoutKvm(home.directory), "ip link set lo up", 'exec "$@"'].join(" && ");
  return [...unshare, "sh", "-c", script, "namespaces"];
}
