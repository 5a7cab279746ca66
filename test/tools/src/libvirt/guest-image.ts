import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { builtOnce } from "../debian/built-once.ts";
import { ensureDebianPackages } from "../debian/packages.ts";
import { debianCandidates, unpackDebianPackages } from "../debian/unpacked.ts";
import type { Log } from "../go/build.ts";
import { run } from "../go/run.ts";
import { buildBootDisk, type Firmware } from "./image/boot-disk.ts";
import { buildInitramfs } from "./image/initramfs.ts";

/** A small Linux that can host virtual machines itself and runs a guest agent; docs in guest/README.md. */
export interface GuestImage {
  readonly path: string;
  readonly format: "qcow2";
  /** Of the file, in lower-case hexadecimal. */
  readonly sha256: string;
}

export interface GuestImageOptions {
  /** The only firmware that boots it. */
  readonly firmware: Firmware;
  /** Whether it also holds QEMU and a Linux to boot with it (`boot-linux-l2`), which makes it twice as large. */
  readonly linuxL2?: boolean;
}

/** Needed to build it, and to have the guest agent's libraries. */
const installed = ["binutils", "gcc", "libc6-dev", "qemu-system-x86", "qemu-utils"];
/** Only unpacked: what goes into the image, and small programs that put it there. */
const unpacked = [
  "busybox-static",
  "qemu-guest-agent",
  "systemd-boot-efi",
  "syslinux",
  "mtools",
  "dosfstools",
  "cpio",
];
const sources = fileURLToPath(new URL("../../guest", import.meta.url));
const builder = fileURLToPath(new URL("./image", import.meta.url));

/**
 * The image, built on first use from Debian packages (about 10 s once they are downloaded) and kept in the cache of
 * this user until a source file of it or a package of Debian's changes.
 * @throws DebianPackagesMissing when the packages cannot be had here.
 */
export async function buildGuestImage(
  { firmware, linuxL2 = false }: GuestImageOptions,
  log: Log = () => {},
): Promise<GuestImage> {
  await ensureDebianPackages(installed, log);
  const { pins, release } = await pinnedPackages();
  const name = `guest-image-${await hashOfSources([firmware, String(linuxL2), ...pins])}`;
  const directory = await builtOnce(name, async (scratch) => {
    const packages = await unpackDebianPackages(pins, log);
    log(`building the ${firmware} guest image with Linux ${release}`);
    const initramfs = await buildInitramfs({ sources, linuxL2, packages, release }, scratch);
    const kernel = join(packages, "boot", `vmlinuz-${release}`);
    const disk = await buildBootDisk(firmware, { kernel, initramfs }, packages, scratch);
    await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", disk, join(scratch, "guest.qcow2")]);
    await keepOnly(scratch, "guest.qcow2");
  });
  const path = join(directory, "guest.qcow2");
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { path, format: "qcow2", sha256 };
}

async function pinnedPackages(): Promise<{ pins: string[]; release: string }> {
  const [kernel, ...others] = await debianCandidates(["linux-image-cloud-amd64", ...unpacked]);
  const kernelPackage = kernel?.firstDependency ?? "";
  const release = kernelPackage.replace("linux-image-", "");
  const pins = [
    `${kernelPackage}=${kernel?.version}`,
    ...others.map(({ name, version }) => `${name}=${version}`),
  ];
  return { pins, release };
}

/** Of everything that decides what is in the image. */
async function hashOfSources(seeds: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(seeds.join("\0"));
  for (const directory of [sources, builder]) {
    for (const file of (await readdir(directory, { recursive: true })).sort()) {
      const path = join(directory, file);
      if (!file.includes(".test.") && (await stat(path)).isFile())
        hash.update(`\0${file}\0`).update(await readFile(path));
    }
  }
  return hash.digest("hex").slice(0, 12);
}

async function keepOnly(directory: string, name: string): Promise<void> {
  const others = (await readdir(directory)).filter((file) => file !== name);
  await Promise.all(others.map((file) => rm(join(directory, file), { recursive: true })));
}
