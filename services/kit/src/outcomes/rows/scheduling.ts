import { Feature, HyperThreadingPolicy, LatencySensitivity } from "@virtrigaud/proto";
import { applied, type OutcomeRow, refused, substituted } from "../row.ts";

/** How the guest's CPUs get a host's. */
export const schedulingRows: readonly OutcomeRow[] = [
  {
    id: "latency-low",
    feature: Feature.LATENCY_SENSITIVITY,
    field: "spec.latency_sensitivity",
    manifest: "performanceProfile.latencySensitivity: low",
    asks: (spec) => spec.latencySensitivity === LatencySensitivity.LOW,
    cells: {
      vsphere: applied("config.latencySensitivity.level"),
      libvirt: substituted(
        "domain/cputune/shares, half the ordinary",
        "libvirt has no latency level; CPU weight stands in for it",
      ),
      proxmox: substituted(
        "cpuunits, half the ordinary",
        "Proxmox VE has no latency level; CPU weight stands in for it",
      ),
    },
  },
  {
    id: "latency-normal",
    feature: Feature.LATENCY_SENSITIVITY,
    field: "spec.latency_sensitivity",
    manifest: "performanceProfile.latencySensitivity: normal",
    asks: (spec) => spec.latencySensitivity === LatencySensitivity.NORMAL,
    cells: {
      vsphere: applied("config.latencySensitivity.level"),
      libvirt: substituted(
        "domain/cputune default",
        "libvirt has no latency level; its default weight is the ordinary one",
      ),
      proxmox: substituted(
        "cpuunits default",
        "Proxmox VE has no latency level; its default weight is the ordinary one",
      ),
    },
  },
  {
    id: "latency-high",
    feature: Feature.LATENCY_SENSITIVITY,
    field: "spec.latency_sensitivity",
    manifest: "performanceProfile.latencySensitivity: high",
    asks: (spec) => spec.latencySensitivity === LatencySensitivity.HIGH,
    cells: {
      vsphere: applied("config.latencySensitivity.level"),
      libvirt: substituted(
        "domain/cputune/vcpupin, memoryBacking hugepages+locked",
        "libvirt has no latency level; pinned CPUs and locked huge pages stand in for it",
      ),
      proxmox: refused(
        "LATENCY_SENSITIVITY_UNSUPPORTED",
        "dedicated CPUs need `affinity`, which Proxmox VE reserves to root; use latencySensitivity low or normal",
      ),
    },
  },
  {
    id: "hyper-threading-auto",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: auto",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.AUTO,
    cells: {
      vsphere: applied("config.flags.htSharing=any"),
      libvirt: applied("domain/cpu without topology"),
      proxmox: applied("the scheduler's default"),
    },
  },
  {
    id: "hyper-threading-prefer",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: prefer",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.PREFER,
    cells: {
      vsphere: applied("config.flags.htSharing=any"),
      libvirt: applied("domain/cpu/topology/@threads"),
      proxmox: applied("the scheduler's default"),
    },
  },
  {
    id: "hyper-threading-avoid",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: avoid",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.AVOID,
    cells: {
      vsphere: applied("config.flags.htSharing=none"),
      libvirt: applied("domain/cpu/topology/@threads=1"),
      proxmox: refused(
        "HYPER_THREADING_POLICY_UNSUPPORTED",
        "Proxmox VE cannot keep a VM off sibling threads; use hyperThreadingPolicy auto or prefer",
      ),
    },
  },
  {
    id: "hyper-threading-require",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: require",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.REQUIRE,
    cells: {
      vsphere: applied("config.flags.htSharing=internal"),
      libvirt: applied("domain/cpu/topology/@threads=2, cputune/vcpupin"),
      proxmox: refused(
        "HYPER_THREADING_POLICY_UNSUPPORTED",
        "Proxmox VE cannot place a VM on sibling threads; use hyperThreadingPolicy auto or prefer",
      ),
    },
  },
];
