import { parseDomainCapabilities, parseExpandedCpu } from "../domain-capabilities.ts";
import { parseHostCapabilities } from "../host-capabilities.ts";
import type { HostFacts } from "../host-facts.ts";
import { testdata } from "./testdata.ts";

const gib = 1024 ** 3;

const base = {
  hypervisorVersion: 8_002_000,
  libvirtVersion: 10_000_000,
  privileged: true,
  accel: "kvm" as const,
  readings: {},
  notes: [],
  reserved: { cpuMhz: 0, memoryBytes: 0 },
  pinnedCpus: new Set<number>(),
};

/** An Intel host with KVM and nesting on: 8 cores of two threads, 64 GiB, half of it huge pages. */
export const intel = (more: Partial<HostFacts> = {}): HostFacts => ({
  ...base,
  name: "kvm-1",
  domain: parseDomainCapabilities(testdata("domcaps-kvm-intel.xml")),
  host: parseHostCapabilities(testdata("capabilities-intel.xml")),
  cpuFeatures: new Set(["ss", "vmx", "vmx-ept", "hypervisor"]),
  node: { cpus: 16, coreMhz: 2400, threadsPerCore: 2, memoryBytes: 64 * gib },
  ...more,
});

/** The same with kvm_intel nested=0. */
export const intelFlat = (more: Partial<HostFacts> = {}): HostFacts =>
  intel({
    domain: parseDomainCapabilities(testdata("domcaps-kvm-intel-flat.xml")),
    cpuFeatures: new Set(["ss", "hypervisor"]),
    readings: { kvmIntelNested: "N\n", cpuFlags: new Set(["vmx", "ept"]) },
    ...more,
  });

/** An AMD host that is itself a VM: 8 cores of one thread, no huge pages. */
export const amd = (more: Partial<HostFacts> = {}): HostFacts => ({
  ...base,
  name: "kvm-2",
  domain: parseDomainCapabilities(testdata("domcaps-kvm-amd.xml")),
  host: parseHostCapabilities(testdata("capabilities-amd.xml")),
  cpuFeatures: new Set(["svm", "npt", "hypervisor"]),
  node: { cpus: 8, coreMhz: 2400, threadsPerCore: 1, memoryBytes: 64 * gib },
  ...more,
});

/** Debian 12's libvirt 9.0 and QEMU 7.2 without KVM, unprivileged, as measured. */
export const tcg = (more: Partial<HostFacts> = {}): HostFacts => ({
  ...base,
  name: "debian-12",
  accel: "tcg",
  libvirtVersion: 9_000_000,
  hypervisorVersion: 7_002_022,
  privileged: false,
  domain: parseDomainCapabilities(testdata("domcaps-tcg-libvirt9.xml")),
  host: parseHostCapabilities(testdata("capabilities-libvirt9.xml")),
  cpuFeatures: parseExpandedCpu(testdata("expanded-tcg-libvirt9.xml")),
  node: { cpus: 2, coreMhz: 2299, threadsPerCore: 1, memoryBytes: 8_480_980 * 1024 },
  ...more,
});
