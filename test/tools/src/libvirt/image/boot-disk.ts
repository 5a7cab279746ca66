import { truncate, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { run } from "../../go/run.ts";
import { buildUnifiedKernel } from "./unified-kernel.ts";

export type Firmware = "bios" | "uefi";

export interface BootFiles {
  readonly kernel: string;
  readonly initramfs: string;
}

const commandLine = "console=ttyS0 quiet";
const diskBytes = 128 << 20;

/**
 * Writes a raw disk that one firmware, and only that one, boots: a FAT file system without a partition table, made
 * with programs and boot loaders of the unpacked Debian packages and without mounting anything. Answers its path.
 */
export async function buildBootDisk(
  firmware: Firmware,
  boot: BootFiles,
  packages: string,
  scratch: string,
): Promise<string> {
  const disk = join(scratch, "disk.raw");
  await writeFile(disk, "");
  await truncate(disk, diskBytes);
  const tool = toolsOf(packages);
  await tool("mkfs.fat", "-n", "GUEST", disk);
  if (firmware === "bios") {
    await addSyslinux(disk, boot, scratch, tool);
  } else {
    const stub = join(packages, "usr/lib/systemd/boot/efi/linuxx64.efi.stub");
    const unified = await buildUnifiedKernel({ ...boot, stub, commandLine }, scratch);
    await tool("mmd", "-i", disk, "::EFI", "::EFI/BOOT");
    await tool("mcopy", "-i", disk, unified, "::EFI/BOOT/BOOTX64.EFI");
  }
  return disk;
}

type Tool = (command: string, ...args: string[]) => Promise<string>;

function toolsOf(packages: string): Tool {
  // By PATH, for syslinux calls mtools itself. Unless told, mtools refuses sizes that no floppy disk had.
  const path = [join(packages, "sbin"), join(packages, "usr/bin"), process.env["PATH"]].join(delimiter);
  const env = { ...process.env, PATH: path, MTOOLS_SKIP_CHECK: "1" };
  return (command, ...args) => run("env", [command, ...args], { env });
}

async function addSyslinux(disk: string, boot: BootFiles, scratch: string, tool: Tool): Promise<void> {
  const configuration = join(scratch, "syslinux.cfg");
  const entry = [
    "DEFAULT guest",
    "LABEL guest",
    "KERNEL kernel",
    "INITRD initramfs",
    `APPEND ${commandLine}`,
  ];
  await writeFile(configuration, entry.map((line) => `${line}\n`).join(""));
  await tool("mcopy", "-i", disk, configuration, "::syslinux.cfg");
  await tool("mcopy", "-i", disk, boot.kernel, "::kernel");
  await tool("mcopy", "-i", disk, boot.initramfs, "::initramfs");
  await tool("syslinux", "--install", disk);
}
