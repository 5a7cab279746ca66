import { Feature } from "@virtrigaud/proto";

/** Options that a knob is written in, each under the knob that it speaks of first. */
export const optionsOf: Partial<Record<Feature, readonly string[]>> = {
  [Feature.CPU]: ["sockets", "cores", "vcpus"],
  [Feature.MEMORY]: ["memory", "balloon"],
  [Feature.FIRMWARE_BIOS]: ["bios"],
  [Feature.FIRMWARE_UEFI]: ["bios", "efidisk0", "machine"],
  [Feature.NESTED_VIRTUALIZATION]: ["cpu", "kvm"],
  [Feature.VIRTUALIZATION_BASED_SECURITY]: ["cpu", "ostype"],
  [Feature.CPU_HOT_ADD]: ["hotplug", "sockets", "cores", "vcpus"],
  [Feature.MEMORY_HOT_ADD]: ["hotplug", "numa"],
  [Feature.LATENCY_SENSITIVITY]: ["cpuunits"],
  [Feature.SECURE_BOOT]: ["efidisk0"],
  [Feature.TPM]: ["tpmstate0"],
  [Feature.IOMMU]: ["machine"],
  [Feature.CPU_RESERVATION]: ["cpuunits"],
  [Feature.CPU_LIMIT]: ["cpulimit"],
  [Feature.CPU_SHARES]: ["cpuunits"],
  [Feature.MEMORY_RESERVATION]: ["balloon"],
  [Feature.SRIOV]: ["machine"],
  [Feature.TAGS]: ["tags"],
};

/** Knobs whose absence from a spec takes them away, with the options that go. */
export const removable: Partial<Record<Feature, readonly string[]>> = {
  [Feature.LATENCY_SENSITIVITY]: ["cpuunits"],
  [Feature.TPM]: ["tpmstate0"],
  [Feature.CPU_RESERVATION]: ["cpuunits"],
  [Feature.CPU_LIMIT]: ["cpulimit"],
  [Feature.CPU_SHARES]: ["cpuunits"],
  [Feature.MEMORY_RESERVATION]: ["balloon"],
};
