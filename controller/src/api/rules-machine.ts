import type { Rule } from "./rules.ts";
import type { VirtualMachine } from "./virtual-machine.ts";

/** Rules of a VirtualMachine. */
export const machineRules: readonly Rule<VirtualMachine>[] = [
  {
    name: "one-boot-source",
    field: "spec",
    reads: ["spec.imageRef", "spec.importedDisk", "metadata.annotations"],
    message:
      "exactly one of spec.imageRef and spec.importedDisk is required (neither with the annotation virtrigaud.io/adopt-vm)",
    holds: ({ metadata, spec }) => {
      const sources = [spec.imageRef, spec.importedDisk].filter((source) => source !== undefined).length;
      const adopted = metadata.annotations?.["virtrigaud.io/adopt-vm"] !== undefined;
      return sources === 1 || (sources === 0 && adopted);
    },
  },
  {
    name: "unique-network-names",
    field: "spec.networks",
    reads: ["spec.networks"],
    message: "every network needs a name of its own",
    holds: ({ spec }) => unique(spec.networks),
  },
  {
    name: "unique-disk-names",
    field: "spec.disks",
    reads: ["spec.disks"],
    message: "every disk needs a name of its own",
    holds: ({ spec }) => unique(spec.disks),
  },
];

function unique(named: readonly { name: string }[] = []): boolean {
  return new Set(named.map(({ name }) => name)).size === named.length;
}
