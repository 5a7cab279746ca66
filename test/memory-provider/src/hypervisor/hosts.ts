import { CpuVendor, Tristate } from "@virtrigaud/proto";

/** What the scripted hosts say about nested virtualization. */
export type Nesting = "capable" | "incapable" | "unknown";

/** A scripted host. */
export interface Host {
  readonly name: string;
  readonly cpuVendor: CpuVendor;
  readonly nested: Tristate;
  /** What was read to answer that. */
  readonly evidence: string;
  /** The knob that would turn it to TRUE; empty when it is. */
  readonly remedy: string;
}

const intel = (name: string): Host => ({
  name,
  cpuVendor: CpuVendor.INTEL,
  nested: Tristate.TRUE,
  evidence: "kvm_intel nested=Y",
  remedy: "",
});
const switchedOff = (name: string): Host => ({
  name,
  cpuVendor: CpuVendor.AMD,
  nested: Tristate.FALSE,
  evidence: "kvm_amd nested=0",
  remedy: `on host ${name}: set "options kvm-amd nested=1" in /etc/modprobe.d/kvm.conf and reload kvm_amd`,
});
const silent = (name: string): Host => ({
  name,
  cpuVendor: CpuVendor.UNSPECIFIED,
  nested: Tristate.UNKNOWN,
  evidence: "the module parameter could not be read",
  remedy: `on host ${name}: let the provider read /sys/module/kvm_*/parameters/nested`,
});

/** The hosts of each script. Capable means mixed: one can, one cannot, one does not tell. */
export const scriptedHosts: Readonly<Record<Nesting, readonly Host[]>> = {
  capable: [intel("host-1"), switchedOff("host-2"), silent("host-3")],
  incapable: [switchedOff("host-1"), switchedOff("host-2")],
  unknown: [silent("host-1"), switchedOff("host-2")],
};

/** What the hosts say together: TRUE if any can, FALSE only if all cannot. */
export function anyHost(hosts: readonly Host[]): Tristate {
  const answers = hosts.map((host) => host.nested);
  if (answers.includes(Tristate.TRUE)) return Tristate.TRUE;
  return answers.includes(Tristate.UNKNOWN) ? Tristate.UNKNOWN : Tristate.FALSE;
}

/** CPU feature that carries nesting with this vendor; empty when the vendor is not known. */
export function cpuFeature(vendor: CpuVendor): string {
  if (vendor === CpuVendor.INTEL || vendor === CpuVendor.ZHAOXIN) return "vmx";
  return vendor === CpuVendor.AMD || vendor === CpuVendor.HYGON ? "svm" : "";
}
