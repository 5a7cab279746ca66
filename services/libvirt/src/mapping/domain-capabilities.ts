import { all, type Element, first, parseXml, textOf } from "./xml.ts";

/**
 * What libvirt says a domain of one architecture, machine and accelerator can have. `undefined` where this libvirt has no word for the
 * question, which is not "no".
 */
export interface DomainCapabilities {
  arch: string;
  machine: string;
  maxCpus: number;
  efi: boolean | undefined;
  secureBoot: boolean | undefined;
  cpuModes: ReadonlyMap<string, boolean>;
  /** The CPU that host-model stands for; undefined where it is not told. */
  hostModel: CpuModel | undefined;
  diskBuses: readonly string[] | undefined;
  graphics: readonly string[] | undefined;
  videoModels: readonly string[] | undefined;
  tpm: { models: readonly string[]; emulator: boolean } | undefined;
  hyperv: readonly string[] | undefined;
  hypervSupported: boolean | undefined;
}

/** A CPU by model and what it differs by. */
export interface CpuModel {
  model: string;
  vendor: string;
  /** Feature → policy, as listed; what the model's name holds is not listed. */
  features: ReadonlyMap<string, string>;
}

/** Reads the answer of GetDomainCapabilities. */
export function parseDomainCapabilities(xml: string): DomainCapabilities {
  const root = parseXml(xml);
  const modes = all(root, "cpu", "mode");
  const hostModel = modes.find(({ attributes }) => attributes.name === "host-model");
  const os = first(root, "os");
  const tpm = first(root, "devices", "tpm");
  const hyperv = first(root, "features", "hyperv");
  return {
    arch: textOf(root, "arch") ?? "",
    machine: textOf(root, "machine") ?? "",
    maxCpus: Number(first(root, "vcpu")?.attributes.max ?? 0),
    efi: values(os, "firmware")?.includes("efi"),
    secureBoot: values(first(os, "loader"), "secure")?.includes("yes"),
    cpuModes: new Map(modes.map(({ attributes }) => [attributes.name ?? "", isYes(attributes.supported)])),
    hostModel: hostModel && isYes(hostModel.attributes.supported) ? readCpuModel(hostModel) : undefined,
    diskBuses: values(first(root, "devices", "disk"), "bus"),
    graphics: values(first(root, "devices", "graphics"), "type"),
    videoModels: values(first(root, "devices", "video"), "modelType"),
    tpm: tpm && readTpm(tpm),
    hyperv: values(hyperv, "features"),
    hypervSupported: hyperv && isYes(hyperv.attributes.supported),
  };
}

/** The capabilities where libvirt tells none: it is too old, or has no QEMU for such guests. */
export const untold = (arch: string): DomainCapabilities => ({
  arch,
  machine: "q35",
  maxCpus: 0,
  efi: undefined,
  secureBoot: undefined,
  cpuModes: new Map(),
  hostModel: undefined,
  diskBuses: undefined,
  graphics: undefined,
  videoModels: undefined,
  tpm: undefined,
  hyperv: undefined,
  hypervSupported: undefined,
});

/** Every feature that a CPU really requires, from the answer of BaselineHypervisorCPU with EXPAND_FEATURES. */
export function parseExpandedCpu(xml: string): ReadonlySet<string> {
  const { features } = readCpuModel(parseXml(xml));
  return new Set([...features].filter(([, policy]) => policy === "require").map(([name]) => name));
}

/** The CPU description to hand to BaselineHypervisorCPU, as an element; undefined where host-model is not told. */
export function hostModelCpu(xml: string): Element | undefined {
  const mode = all(parseXml(xml), "cpu", "mode").find(({ attributes }) => attributes.name === "host-model");
  if (mode === undefined || !isYes(mode.attributes.supported)) return undefined;
  return { ...mode, name: "cpu", attributes: { mode: "custom", match: "exact" } };
}

function readCpuModel(cpu: Element): CpuModel {
  return {
    model: textOf(cpu, "model") ?? "",
    vendor: textOf(cpu, "vendor") ?? "",
    features: new Map(
      all(cpu, "feature").map(({ attributes }) => [attributes.name ?? "", attributes.policy ?? "require"]),
    ),
  };
}

function readTpm(tpm: Element): DomainCapabilities["tpm"] {
  if (!isYes(tpm.attributes.supported)) return { models: [], emulator: false };
  const backends = values(tpm, "backendModel") ?? [];
  return { models: values(tpm, "model") ?? [], emulator: backends.includes("emulator") };
}

/** The values of an enumeration; undefined where libvirt does not list it. */
function values(element: Element | undefined, name: string): readonly string[] | undefined {
  const found = all(element, "enum").find(({ attributes }) => attributes.name === name);
  return found && all(found, "value").map(({ text }) => text);
}

const isYes = (supported: string | undefined): boolean => supported === "yes";

/** Highest number of CPUs that a VM may be given; numbers above the contract's bound are of no use. */
export const cpuBound = ({ maxCpus }: DomainCapabilities): number =>
  maxCpus === 0 ? 128 : Math.min(maxCpus, 128);
