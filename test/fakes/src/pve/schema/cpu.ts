import type { Major } from "../release.ts";
import { atMajor, byMajor, type VersionedTable } from "./by-major.ts";
import { FormatError, type PropertyString, type Values } from "./check.ts";
import { abstractModels, cpuModels } from "./cpu-models.ts";
import { choice, defaultKey, flag, formatted, integer, matching, type Schema, text } from "./schema.ts";

const FLAG = "([+-])([a-zA-Z0-9\\-_\\.]+)";

/** One CPU flag that a VM may carry. */
export interface CpuFlag {
  readonly name: string;
  readonly description: string;
}

/** In PVE's order; described in words of our own. */
const flagsUntil8: readonly CpuFlag[] = [
  { name: "pcid", description: "makes the cure of Meltdown cheaper" },
  { name: "spec-ctrl", description: "against Spectre, Intel" },
  { name: "ibpb", description: "against Spectre, AMD" },
  { name: "ssbd", description: "against speculative store bypass, Intel" },
  { name: "virt-ssbd", description: "against speculative store bypass, AMD, basis" },
  { name: "amd-ssbd", description: "against speculative store bypass, AMD, faster" },
  { name: "amd-no-ssb", description: "tells that speculative store bypass does no harm here" },
  { name: "pdpe1gb", description: "pages of 1 GiB" },
  { name: "md-clear", description: "tells that MDS is cured" },
  { name: "hv-tlbflush", description: "faster Windows guests on a busy host" },
  { name: "hv-evmcs", description: "faster nested Hyper-V, Intel" },
  { name: "aes", description: "AES in hardware" },
];

const nestedVirt: CpuFlag = {
  name: "nested-virt",
  description: "vmx or svm, whichever the host has: the VM can host VMs",
};

/** The flags a VM may carry; raw vmx and svm are never among them. */
export function cpuFlags(major: Major): readonly CpuFlag[] {
  if (major < 9) return flagsUntil8;
  return [...flagsUntil8, nestedVirt].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The `cpu` option: its keys, and what PVE checks once they are parsed. */
export function cpuFormat(major: Major, customExists: (name: string) => boolean): PropertyString {
  const models = new Set(cpuModels(major).map((model) => model.name));
  if (major >= 8) for (const name of abstractModels) models.add(name);
  const names = cpuFlags(major).map((entry) => entry.name);
  const allowed = new RegExp(`^[+-](${names.join("|")})(;[+-](${names.join("|")}))*$`);
  return {
    keys: atMajor(cpuKeys(major), major),
    validate: (cpu: Values) => {
      const { cputype, flags } = cpu as Record<string, string | undefined>;
      if (cputype === undefined) throw new FormatError("CPU is missing cputype\n");
      if (cputype.startsWith("custom-")) {
        const name = cputype.slice("custom-".length);
        if (!customExists(name)) throw new FormatError(`Custom cputype '${name}' not found\n`);
      } else if (!models.has(cputype)) {
        throw new FormatError(`Built-in cputype '${cputype}' is not defined (missing 'custom-' prefix?)\n`);
      }
      if (flags !== undefined && !allowed.test(flags))
        throw new FormatError(`VM-specific CPU flags must be a subset of: ${names.join(", ")}\n`);
      if (cpu["reported-model"] !== undefined)
        throw new FormatError("Property 'reported-model' not allowed in VM-specific CPU config.\n");
    },
  };
}

/** Keys of a CPU configuration, a VM's or a custom model's. */
export function cpuKeys(major: Major): VersionedTable<Schema> {
  const reported = cpuModels(major).map((model) => model.name);
  return {
    cputype: defaultKey(text()),
    flags: matching(`${FLAG}(;${FLAG})*`),
    "guest-phys-bits": byMajor({ 9: integer(32, 64) }),
    hidden: flag(),
    "hv-vendor-id": matching("[a-zA-Z0-9]{1,12}"),
    level: byMajor({ 9: integer(0, 4294967295) }),
    "phys-bits": formatted("pve-phys-bits"),
    "reported-model": choice(...reported),
  };
}
