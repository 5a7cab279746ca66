import { copyFile, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { run } from "../../go/run.ts";
import { modulesInOrder } from "./kernel-modules.ts";

/** The guest can nest, knows virtio's devices and SCSI's disks and CD-ROMs, can read a NoCloud seed and be given a bridge. */
const modules = [
  ...["kvm", "kvm-amd", "kvm-intel"],
  ...["virtio_pci", "virtio_console", "virtio_blk", "virtio_scsi", "virtio_net", "virtio_balloon"],
  ...["sd_mod", "sr_mod", "isofs", "nls_utf8"],
  ...["button", "evdev", "bridge"],
];

/** What the guest's file system is made of. */
export interface GuestParts {
  /** Directory with rootfs and l2-proof.c. */
  readonly sources: string;
  /** Directory with unpacked Debian packages. */
  readonly packages: string;
  /** Of the kernel among them, as `uname -r` tells it. */
  readonly release: string;
}

/**
 * Builds the guest's whole file system in `scratch`: the files of guest/rootfs, busybox, the guest agent with its
 * libraries, the proof program and kernel modules. Answers the path of the compressed archive.
 */
export async function buildInitramfs(parts: GuestParts, scratch: string): Promise<string> {
  const root = join(scratch, "initramfs");
  await cp(join(parts.sources, "rootfs"), root, { recursive: true });
  await copyInto(root, join(parts.packages, "bin/busybox"), "bin/busybox");
  await symlink("bin/busybox", join(root, "init"));
  await addGuestAgent(root, join(parts.packages, "usr/sbin/qemu-ga"));
  await addProof(root, join(parts.sources, "l2-proof.c"));
  await addModules(root, join(parts.packages, "lib/modules", parts.release));
  return pack(root, scratch, join(parts.packages, "bin/cpio"));
}

async function addGuestAgent(root: string, program: string): Promise<void> {
  await copyInto(root, program, "usr/sbin/qemu-ga");
  // Of this machine: QEMU, which is installed wherever the image is of use, depends on every one of them.
  const listing = await run("ldd", [program]);
  const missing = /^\s*(\S+) => not found/m.exec(listing)?.[1];
  if (missing) throw new Error(`qemu-ga needs ${missing}, which this machine lacks; install qemu-system-x86`);
  for (const [, library = ""] of listing.matchAll(/(\/\S+) \(0x/g)) await copyInto(root, library, library);
}

async function addProof(root: string, source: string): Promise<void> {
  await mkdir(join(root, "usr/bin"), { recursive: true });
  const program = join(root, "usr/bin/l2-proof");
  await run("gcc", ["-static", "-O2", "-s", "-Wall", "-Wextra", "-Werror", source, "-o", program]);
}

async function addModules(root: string, tree: string): Promise<void> {
  const ordered = await modulesInOrder(tree, modules);
  for (const { name, path } of ordered) await copyInto(root, path, `lib/modules/${name}.ko`);
  await writeFile(join(root, "lib/modules/order"), ordered.map(({ name }) => `${name}\n`).join(""));
}

async function copyInto(root: string, source: string, target: string): Promise<void> {
  await mkdir(dirname(join(root, target)), { recursive: true });
  await copyFile(source, join(root, target));
}

async function pack(root: string, scratch: string, cpio: string): Promise<string> {
  const archive = join(scratch, "initramfs.cpio");
  const script =
    'find . | LC_ALL=C sort | "$0" --create --format=newc --owner=0:0 --reproducible --quiet --file="$1"';
  await run("sh", ["-c", script, cpio, archive], { cwd: root });
  const compressed = `${archive}.gz`;
  await writeFile(compressed, await promisify(gzip)(await readFile(archive)));
  return compressed;
}
