import { Feature } from "@virtrigaud/proto";
import { readTags } from "./metadata.ts";
import { seedVolumeName } from "./names.ts";
import { all, type Element, first, textOf } from "./xml.ts";

/** How each knob of the VM as a whole reads in a domain; undefined when it holds nothing about it. */
const readers: Partial<Record<Feature, (domain: Element) => string | undefined>> = {
  [Feature.CPU]: (domain) => first(domain, "vcpu")?.attributes.current ?? textOf(domain, "vcpu"),
  [Feature.MEMORY]: (domain) => kib(domain, "memory"),
  [Feature.FIRMWARE_BIOS]: (domain) => (isUefi(domain) ? undefined : "bios"),
  [Feature.FIRMWARE_UEFI]: (domain) => (isUefi(domain) ? "efi" : undefined),
  [Feature.NESTED_VIRTUALIZATION]: nestedPolicyOf,
  [Feature.VIRTUALIZATION_BASED_SECURITY]: (domain) =>
    joined(
      (first(domain, "features", "hyperv")?.children ?? [])
        .filter(({ attributes }) => attributes.state === "on")
        .map(({ name }) => name),
    ),
  [Feature.CPU_HOT_ADD]: (domain) => {
    const vcpu = first(domain, "vcpu");
    // How many there are now is another knob.
    return vcpu?.attributes.current === undefined ? "none" : `max=${vcpu.text}`;
  },
  [Feature.MEMORY_HOT_ADD]: (domain) => kib(domain, "maxMemory") ?? "none",
  [Feature.LATENCY_SENSITIVITY]: (domain) =>
    isDedicated(domain) ? "vcpupin, emulatorpin, hugepages, locked" : (shares(domain) ?? "default"),
  [Feature.HYPER_THREADING_POLICY]: (domain) => {
    const threads = first(domain, "cpu", "topology")?.attributes.threads;
    const pins = all(domain, "cputune", "vcpupin").length > 0 && threads === "2" ? ", vcpupin" : "";
    return threads === undefined ? "no topology" : `threads=${threads}${pins}`;
  },
  [Feature.SECURE_BOOT]: secureBoot,
  [Feature.TPM]: (domain) => {
    const tpm = first(domain, "devices", "tpm");
    return tpm && `${tpm.attributes.model} ${first(tpm, "backend")?.attributes.version}`;
  },
  [Feature.IOMMU]: (domain) => {
    const iommu = first(domain, "devices", "iommu");
    return (
      iommu && `${iommu.attributes.model}, intremap=${first(iommu, "driver")?.attributes.intremap ?? "off"}`
    );
  },
  [Feature.CPU_RESERVATION]: (domain) => shares(domain) ?? (isDedicated(domain) ? "vcpupin" : undefined),
  [Feature.CPU_LIMIT]: (domain) => {
    const [quota, period] = [
      textOf(domain, "cputune", "global_quota"),
      textOf(domain, "cputune", "global_period"),
    ];
    return quota === undefined ? undefined : `global_quota=${quota}, global_period=${period}`;
  },
  [Feature.CPU_SHARES]: shares,
  [Feature.MEMORY_RESERVATION]: (domain) => kib(domain, "currentMemory"),
  [Feature.MEMORY_LIMIT]: (domain) => kib(domain, "memtune", "hard_limit"),
  [Feature.TAGS]: (domain) => joined(readTags(domain)),
  [Feature.CLOUD_INIT]: (domain) => {
    const file = seedVolumeName(textOf(domain, "uuid") ?? "");
    const sources = all(domain, "devices", "disk", "source").map(({ attributes }) => attributes.file ?? "");
    return sources.some((path) => path.endsWith(`/${file}`)) ? file : undefined;
  },
};

/** The native value of a knob in a domain, planned or stored. */
export const knobValue = (feature: Feature, domain: Element): string | undefined =>
  readers[feature]?.(domain);

/** Whether a domain's firmware is UEFI; older libvirts store only the loader that they chose. */
export const isUefi = (domain: Element): boolean =>
  first(domain, "os")?.attributes.firmware === "efi" ||
  first(domain, "os", "loader")?.attributes.type === "pflash";

/** Whether a domain has its CPUs and memory to itself. */
export const isDedicated = (domain: Element): boolean =>
  first(domain, "cputune", "emulatorpin") !== undefined &&
  first(domain, "memoryBacking", "locked") !== undefined;

function nestedPolicyOf(domain: Element): string | undefined {
  const features = all(domain, "cpu", "feature").filter(({ attributes }) =>
    /^(?:vmx|svm)$/.test(attributes.name ?? ""),
  );
  return joined(features.map(({ attributes }) => `${attributes.name}=${attributes.policy}`));
}

/** A running domain shows the loader that its features led to. */
function secureBoot(domain: Element): string | undefined {
  const isAsked = all(domain, "os", "firmware", "feature").some(
    ({ attributes }) => attributes.name === "secure-boot" && attributes.enabled === "yes",
  );
  return isAsked || first(domain, "os", "loader")?.attributes.secure === "yes" ? "on" : undefined;
}

function shares(domain: Element): string | undefined {
  const value = textOf(domain, "cputune", "shares");
  return value === undefined ? undefined : `shares=${value}`;
}

function kib(domain: Element, ...path: readonly string[]): string | undefined {
  const value = textOf(domain, ...path);
  return value === undefined ? undefined : `${value} KiB`;
}

const joined = (names: readonly string[]): string | undefined =>
  names.length === 0 ? undefined : names.join(", ");
