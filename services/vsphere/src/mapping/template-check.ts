import { rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { Feature, type VMSpec } from "@virtrigaud/proto";
import { needsNesting } from "./nesting.ts";
import type { Problems } from "./problems.ts";
import type { Template } from "./template.ts";

/** The oldest hardware version that has what a knob needs. Source: VMware's table of features by hardware version. */
const hardwareVersions: Partial<Record<Feature, number>> = {
  [Feature.NESTED_VIRTUALIZATION]: 9,
  [Feature.SECURE_BOOT]: 13,
  [Feature.IOMMU]: 14,
  [Feature.VIRTUALIZATION_BASED_SECURITY]: 14,
  [Feature.TPM]: 14,
};

/** Devices of the host that are passed through: the platform runs no nested guests beside them (Broadcom KB 437651). */
const passthrough = new Set<string>(["VirtualPCIPassthrough", "VirtualSriovEthernetCard"]);

/** Refuses what the template's virtual hardware or guest cannot be made to do. Takes the effective spec. */
export function checkTemplate({ name, config }: Template, spec: VMSpec, problems: Problems): void {
  const version = Number(/^vmx-(\d+)$/.exec(config.version)?.[1] ?? 0);
  const nested = needsNesting(spec);
  for (const { feature, field, manifest } of rowsAskedBy(spec)) {
    const minimum = hardwareVersions[feature];
    if (minimum === undefined || version >= minimum) continue;
    if (feature === Feature.NESTED_VIRTUALIZATION && !nested) continue;
    problems.add(
      field,
      "HARDWARE_VERSION",
      `${manifest} needs hardware version ${minimum} or newer, template ${name} has ${config.version}; upgrade the template's compatibility (vmx-14 or newer is recommended)`,
    );
  }
  if (spec.virtualizationBasedSecurity && !/^windows/i.test(config.guestId))
    problems.add(
      "spec.virtualization_based_security",
      "GUEST_UNSUPPORTED",
      `virtualizationBasedSecurity is for Windows guests, template ${name} has guestId ${config.guestId}; leave it out or correct the template's guest`,
    );
  const device = (config.hardware.device ?? []).find(({ $type }) => passthrough.has($type));
  if (nested && device !== undefined)
    problems.add(
      "spec.nested_virtualization",
      "CONFLICTING_OPTIONS",
      `template ${name} passes a host device through (${device.$type}), which excludes nested virtualization; remove the device from the template`,
    );
}
