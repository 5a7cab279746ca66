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
  /** Directory with rootfs, l2-proof.c and linux-l2. */
  readonly sources: string;
  /** Whether it also holds QEMU and a Linux to boot with it. */
  readonly linuxL2: boolean;
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
  await addProgram(root, join(parts.packages, "usr/sbin/qemu-ga"), "usr/sbin/qemu-ga");
  await addProof(root, join(parts.sources, "l2-proof.c"));
  if (parts.linuxL2) await addLinux(root, parts, scratch);
  await addModules(root, join(parts.packages, "lib/modules", parts.release));
  return pack(root, join(parts.packages, "bin/cpio"));
}

/** Where the libvirt provider looks for such a program. */
async function addProof(root: string, source: string): Promise<void> {
  const program = join(root, "usr/lib/virtrigaud/l2-proof");
  await mkdir(dirname(program), { recursive: true });
  await run("gcc", ["-static", "-O2", "-s", "-Wall", "-Wextra", "-Werror", source, "-o", program]);
}

/** QEMU, the guest's own kernel once more, and a file system with nothing but busybox for it. */
async function addLinux(root: string, parts: GuestParts, scratch: string): Promise<void> {
  const script = (name: string) => join(parts.sources, "linux-l2", name);
  await copyInto(root, script("boot-linux-l2"), "usr/bin/boot-linux-l2");
  await copyInto(root, join(parts.packages, "boot", `vmlinuz-${parts.release}`), "usr/lib/linux-l2/vmlinuz");
  await addProgram(root, "/usr/bin/qemu-system-x86_64", "usr/bin/qemu-system-x86_64");
  await copyInto(root, "/usr/share/qemu/qboot.rom", "usr/share/qemu/qboot.rom");

  const inner = join(scratch, "l2");
  await copyInto(inner, script("init"), "init");
  await copyInto(inner, join(parts.packages, "bin/busybox"), "bin/busybox");
  for (const directory of ["dev", "proc"]) await mkdir(join(inner, directory));
  await copyInto(root, await pack(inner, join(parts.packages, "bin/cpio")), "usr/lib/linux-l2/initramfs");
}

/** A program with the libraries that it needs, which are this machine's: QEMU, installed wherever the image is of use, depends on all of them. */
async function addProgram(root: string, program: string, target: string): Promise<void> {
  await copyInto(root, program, target);
  const listing = await run("ldd", [program]);
  const missing = /^\s*(\S+) => not found/m.exec(listing)?.[1];
  if (missing)
    throw new Error(`${program} needs ${missing}, which this machine lacks; install qemu-system-x86`);
  for (const [, library = ""] of listing.matchAll(/(\/\S+) \(0x/g)) await copyInto(root, library, library);
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

async function pack(root: string, cpio: string): Promise<string> {
  const archive = `${root}.cpio`;
  const script =
    'find . | LC_ALL=C sort | "$0" --create --format=newc --owner=0:0 --reproducible --quiet --file="$1"';
  await run("sh", ["-c", script, cpio, archive], { cwd: root });
  const compressed = `${archive}.gz`;
  await writeFile(compressed, await promisify(gzip)(await readFile(archive)));
  return compressed;
}
