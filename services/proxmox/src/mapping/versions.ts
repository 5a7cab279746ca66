import { rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { Feature, type VMSpec } from "@virtrigaud/proto";
import type { Problems } from "./problems.ts";

/** The first Proxmox VE whose `cpu` option takes the flag nested-virt. */
export const nestedFlagSince = "9.1";
/** The first with PCI devices that an API token can assign, by mapping. */
export const mappingsSince = "8.0";

/**
 * The first Proxmox VE that has the option a knob is written in; an older one would answer that the schema does not know it.
 * Source: git history of qemu-server, and the parameter schemas of 6.4, 7.4, 8.4 and 9.2.
 */
export const minimumPve: Partial<Record<Feature, string>> = {
  [Feature.SECURE_BOOT]: "7.1",
  [Feature.TPM]: "7.1",
  [Feature.SRIOV]: mappingsSince,
  [Feature.IOMMU]: "8.2",
};

/** Refuses each knob that the node's Proxmox VE is too old for. Takes the effective spec. */
export function checkPveVersion(
  spec: VMSpec,
  { name, version }: { name: string; version: string },
  problems: Problems,
): void {
  for (const { feature, field, manifest } of rowsAskedBy(spec)) {
    const minimum = minimumPve[feature];
    if (minimum === undefined || atLeast(version, minimum)) continue;
    problems.add(
      field,
      "HYPERVISOR_VERSION",
      `${manifest} needs Proxmox VE ${minimum}, node ${name} has ${version || "an unknown one"}; upgrade it or leave the knob out`,
    );
  }
}

/** Whether a version ("8.4.5", "6.4-15") has what a minimum ("8.2") asks for. An unknown one has nothing. */
export function atLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = numbersOf(version);
  const [wantedMajor = 0, wantedMinor = 0] = numbersOf(minimum);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

const numbersOf = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);
