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

const flagsUntil8: readonly CpuFlag[] = [
  { name: "pcid", description: "Meltdown fix cost reduction on Westmere, Sandy-, and IvyBridge Intel CPUs." },
  { name: "spec-ctrl", description: "Allows improved Spectre mitigation with Intel CPUs." },
  { name: "ibpb", description: "Allows improved Spectre mitigation with AMD CPUs." },
  { name: "ssbd", description: "Protection for 'Speculative Store Bypass' for Intel models." },
  { name: "virt-ssbd", description: "Basis for 'Speculative Store Bypass' protection for AMD models." },
  {
    name: "amd-ssbd",
    description: "Improves Spectre mitigation performance with AMD CPUs, best used with 'virt-ssbd'.",
  },
  {
    name: "amd-no-ssb",
    description: "Notifies guest OS that host is not vulnerable for Spectre on AMD CPUs.",
  },
  { name: "pdpe1gb", description: "Allow guest OS to use 1GB size pages, if host HW supports it." },
  { name: "md-clear", description: "Required to let the guest OS know if MDS is mitigated correctly." },
  {
    name: "hv-tlbflush",
    description:
      "Improve performance in overcommitted Windows guests. May lead to guest bluescreens on old CPUs.",
  },
  {
    name: "hv-evmcs",
    description: "Improve performance for nested virtualization. Only supported on Intel CPUs.",
  },
  { name: "aes", description: "Activate AES instruction set for HW acceleration." },
];

const nestedVirt: CpuFlag = {
  name: "nested-virt",
  description:
    "Controls nested virtualization, namely 'svm' for AMD CPUs and 'vmx' for Intel CPUs. Live migration still" +
    " only works if it's the same flag on both sides. Use a CPU model similar to the host, with the same" +
    " vendor, not x86-64-vX!",
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
