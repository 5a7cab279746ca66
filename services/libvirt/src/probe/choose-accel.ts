import type { Call } from "../call.ts";
import type { Libvirt } from "../client/index.ts";
import type { Accel as GuestAccel, Readings } from "../mapping/host-facts.ts";
import type { HostCapabilities } from "../mapping/host-capabilities.ts";
import { flyCanary } from "./canary.ts";

/** What the operator wants; "auto" takes KVM where it is seen to work. */
export type Accel = "auto" | GuestAccel;

/** The accelerator and why it is that one; `kvmBoots` where it was tried. */
export interface ChosenAccel {
  readonly accel: GuestAccel;
  readonly why: string;
  readonly kvmBoots?: boolean;
}

/** Chooses how guests run. The operator's word is not questioned. Rejects as {@link flyCanary} does. */
export async function chooseAccel(
  libvirt: Libvirt,
  wanted: Accel,
  { host, readings }: { readonly host: HostCapabilities; readonly readings: Readings },
  call: Call,
): Promise<ChosenAccel> {
  if (wanted !== "auto") return { accel: wanted, why: "set by Provider.spec.accel" };
  if (!host.domainTypes.has("kvm")) return { accel: "tcg", why: "libvirt offers no KVM" };
  if (!hasHardware(readings))
    // KVM then emulates in the kernel (kvm_pvm does), ten times slower than QEMU: through a BIOS in two seconds, through a boot in minutes.
    return { accel: "tcg", why: "libvirt offers KVM, but the CPU has neither vmx nor svm for it" };
  const verdict = await flyCanary(libvirt, { type: "kvm" }, call);
  return verdict.boots
    ? { accel: "kvm", why: "a canary guest ran under it", kvmBoots: true }
    : { accel: "tcg", why: `a canary guest failed under KVM: ${verdict.why}`, kvmBoots: false };
}

/** True also where it is not known. */
const hasHardware = ({ cpuFlags }: Readings): boolean =>
  cpuFlags === undefined || cpuFlags.has("vmx") || cpuFlags.has("svm");
