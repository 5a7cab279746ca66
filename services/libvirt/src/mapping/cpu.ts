import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import { NestedPolicy, Tristate, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { maxMemoryKib, memoryKib } from "./memory.ts";
import { hostNesting, nestedFeature, nestingEvidence } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { topology } from "./topology.ts";
import { maxCpus } from "./vcpu.ts";
import { el, type Element } from "./xml.ts";

type Mode = "host-model" | "host-passthrough";

/**
 * The guest's CPU. Nested virtualization is one required feature, by the vendor of the CPU that the guest gets: asking for vmx and svm at once
 * never starts. `check` decides whether libvirt refuses what the host cannot give instead of dropping it in silence: "partial" on a
 * host-model, "full" on a host's own CPU. Takes the effective spec.
 */
export function cpu(spec: VMSpec, host: HostFacts, settings: Settings, problems: Problems): Element {
  const mode = chooseMode(host, settings);
  return el("cpu", attributesOf(mode, host), [
    ...topology(spec, host, problems),
    ...nestedFeatures(spec, host, problems),
    ...numa(spec, host),
  ]);
}

function chooseMode({ domain }: HostFacts, { cpuMode }: Settings): Mode {
  const lacksWish = domain.cpuModes.get(cpuMode) === false;
  const other: Mode = cpuMode === "host-model" ? "host-passthrough" : "host-model";
  return lacksWish && domain.cpuModes.get(other) === true ? other : cpuMode;
}

function attributesOf(mode: Mode, { libvirtVersion }: HostFacts) {
  if (mode === "host-model") return { mode, check: "partial" };
  // The guest keeps only what can migrate; the attribute came with libvirt 6.5, which ignored it before.
  return { mode, check: "full", ...(libvirtVersion >= 6_005_000 ? { migratable: "on" } : {}) };
}

function nestedFeatures(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  switch (nestedPolicy(spec)) {
    case NestedPolicy.REQUIRED:
      return required(host, problems);
    case NestedPolicy.DISABLED:
      return disabled(host);
    default:
      return [];
  }
}

function required(host: HostFacts, problems: Problems): Element[] {
  const feature = nestedFeature(host);
  if (hostNesting(host) !== Tristate.FALSE && feature !== undefined)
    return [el("feature", { policy: "require", name: feature })];
  const remedy = nestingRemedy(host).join("; ");
  problems.add(
    "spec.nested_virtualization",
    "NESTED_UNSUPPORTED",
    `host ${host.name} cannot give nested virtualization (${nestingEvidence(host).join(", ")}); ${remedy}`,
  );
  return [];
}

/**
 * SVM's sub-features go with it: QEMU's TCG crashes on a CPU that has them without svm. Only those that the host's CPU has are
 * named, so that nothing unknown to an older libvirt is.
 */
const svmParts = ["npt", "nrip-save", "svme-addr-chk", "vgif"];

function disabled(host: HostFacts): Element[] {
  const feature = nestedFeature(host);
  const names = feature === undefined ? ["vmx", "svm"] : [feature];
  const parts =
    feature === "svm"
      ? svmParts.filter((part) => host.domain.hostModel?.features.get(part) === "require")
      : [];
  return [...names, ...parts].map((name) => el("feature", { policy: "disable", name }));
}

/** Memory can only be added to a guest that has a NUMA node for it. */
function numa(spec: VMSpec, { domain }: HostFacts): Element[] {
  if (maxMemoryKib(spec) === undefined) return [];
  const last = maxCpus(spec, domain) - 1;
  const cpus = last === 0 ? "0" : `0-${last}`;
  return [el("numa", {}, [el("cell", { id: 0, cpus, memory: memoryKib(spec), unit: "KiB" })])];
}
