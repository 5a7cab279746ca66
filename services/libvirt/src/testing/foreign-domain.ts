import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./lab.ts";

/** A domain of somebody else, as the least that boots. */
export interface ForeignDomain {
  readonly name: string;
  readonly uuid: string;
  readonly vcpus?: number;
  /** XML within <devices>. */
  readonly devices?: string;
}

/** Defines it with virsh, again where it is there. */
export async function defineForeign(
  { virsh, libvirtd }: Pick<Lab, "virsh" | "libvirtd">,
  { name, uuid, vcpus = 1, devices = "" }: ForeignDomain,
): Promise<void> {
  const xml = `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory>
    <vcpu>${vcpus}</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
  const file = join(libvirtd.pool, `${uuid}.xml`);
  await writeFile(file, xml);
  await virsh("define", file);
}
