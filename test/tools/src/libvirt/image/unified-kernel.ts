import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../../go/run.ts";

interface UnifiedKernelParts {
  /** systemd's, which starts what it is joined with. */
  readonly stub: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly commandLine: string;
}

/**
 * Joins kernel, initramfs and command line into one EFI program, as the stub expects it: a section for each,
 * behind the stub's own (uapi-group specification "Unified Kernel Image"). Answers its path.
 */
export async function buildUnifiedKernel(parts: UnifiedKernelParts, scratch: string): Promise<string> {
  const commandLine = join(scratch, "cmdline");
  await writeFile(commandLine, parts.commandLine);
  const sections = [
    [".cmdline", commandLine],
    [".initrd", parts.initramfs],
    // Last: stubs before systemd 253 run the kernel in place, where it unpacks itself over what follows.
    [".linux", parts.kernel],
  ] as const;
  let address = endOfSections(await run("objdump", ["--section-headers", parts.stub]));
  const args: string[] = [];
  for (const [name, file] of sections) {
    args.push(
      "--add-section",
      `${name}=${file}`,
      "--change-section-vma",
      `${name}=0x${address.toString(16)}`,
    );
    address = aligned(address + (await stat(file)).size);
  }
  const unified = join(scratch, "unified-kernel.efi");
  await run("objcopy", [...args, parts.stub, unified]);
  return unified;
}

/** The first free page behind the sections that objdump lists: number, name, size, address, … in hexadecimal. */
export function endOfSections(headers: string): number {
  const rows = headers.matchAll(/^\s*\d+ \S+\s+([0-9a-f]+)\s+([0-9a-f]+) /gm);
  const ends = [...rows].map(([, size = "", address = ""]) => parseInt(size, 16) + parseInt(address, 16));
  if (ends.length === 0) throw new Error(`objdump listed no sections:\n${headers}`);
  return aligned(Math.max(...ends));
}

function aligned(address: number): number {
  return Math.ceil(address / 4096) * 4096;
}
