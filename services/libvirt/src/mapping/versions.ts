import { rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { Feature, type VMSpec } from "@virtrigaud/proto";
import type { Problems } from "./problems.ts";

/**
 * The first libvirt that has the XML a knob is written in, "major.minor.release"; an older one would drop it without a word.
 * Source: libvirt's "Domain XML format", the "since" of each element.
 */
export const minimumLibvirt: Partial<Record<Feature, string>> = {
  [Feature.MEMORY_HOT_ADD]: "1.2.14",
  [Feature.CPU_LIMIT]: "1.3.3",
  [Feature.MTU]: "3.1.0",
  [Feature.IOMMU]: "3.4.0",
  [Feature.TPM]: "4.5.0",
  [Feature.FIRMWARE_UEFI]: "5.2.0",
  [Feature.SECURE_BOOT]: "7.2.0",
};

/** Refuses each knob that the host's libvirt is too old for. Takes the effective spec. */
export function checkLibvirtVersion(spec: VMSpec, libvirtVersion: number, problems: Problems): void {
  for (const { feature, field, manifest } of rowsAskedBy(spec)) {
    const minimum = minimumLibvirt[feature];
    if (minimum === undefined || asks(spec, feature) === false || atLeast(libvirtVersion, minimum)) continue;
    problems.add(
      field,
      "HYPERVISOR_VERSION",
      `${manifest} needs libvirt ${minimum}, the host has ${versionText(libvirtVersion)}; upgrade it or leave the knob out`,
    );
  }
}

/** "Off" needs nothing. */
const asks = (spec: VMSpec, feature: Feature): boolean =>
  feature !== Feature.MEMORY_HOT_ADD || spec.memoryHotAdd === true;

/** Whether a version in libvirt's form (major * 1,000,000 + minor * 1,000 + release) has what a minimum asks for. */
export function atLeast(version: number, minimum: string): boolean {
  const [major = 0, minor = 0, release = 0] = minimum.split(".").map(Number);
  return version >= major * 1_000_000 + minor * 1_000 + release;
}

/** 9_000_000 → "9.0.0". */
export const versionText = (version: number): string =>
  `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1_000) % 1_000}.${version % 1_000}`;
