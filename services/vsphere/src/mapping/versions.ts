import { Feature, type VMSpec } from "@virtrigaud/proto";
import { rowsAskedBy } from "@virtrigaud/kit/outcomes";
import type { Problems } from "./problems.ts";

/**
 * The first vSphere API version that has a knob's field; an older server would answer with a schema error.
 * Source: VMware's public "vSphere Web Services API" reference, "since" of each property.
 */
export const minimumApiVersion: Partial<Record<Feature, string>> = {
  [Feature.NESTED_VIRTUALIZATION]: "5.1",
  [Feature.LATENCY_SENSITIVITY]: "5.1",
  [Feature.SECURE_BOOT]: "6.5",
  [Feature.IOMMU]: "6.7",
  [Feature.VIRTUALIZATION_BASED_SECURITY]: "6.7",
  [Feature.TPM]: "6.7",
};

/** Whether a server's API version ("8.0.2.0") has what a minimum ("6.7") asks for. */
export function atLeast(apiVersion: string, minimum: string): boolean {
  const have = apiVersion.split(".").map(Number);
  for (const [index, wanted] of minimum.split(".").map(Number).entries()) {
    const found = have[index] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

/** Refuses each knob that the server's API is too old for. */
export function checkApiVersion(spec: VMSpec, apiVersion: string, problems: Problems): void {
  for (const row of rowsAskedBy(spec)) {
    const minimum = minimumApiVersion[row.feature];
    if (minimum === undefined || atLeast(apiVersion, minimum)) continue;
    problems.add(
      row.field,
      "HYPERVISOR_VERSION",
      `${row.manifest} needs vSphere API ${minimum}, this vCenter has ${apiVersion}; upgrade it or leave the knob out`,
    );
  }
}
