import { Tristate } from "@virtrigaud/proto";
import type { GuestFacts } from "./guest-report.ts";
import type { Verdict } from "./verdict.ts";

/** Where a guest may keep a program that runs a virtual machine by /dev/kvm, prints a line and exits with 0. */
export const l2Proof = "/usr/lib/virtrigaud/l2-proof";

/** Exit code of timeout(1) for a program that it ended. */
const TIMED_OUT = "124";
/** Of misc devices' major 10, the minor that Linux gives KVM. */
const KVM_DEVICE = "10:232";

/**
 * Whether a Linux guest can run virtual machines with its processor's help: it sees the feature, KVM is there and opens, and a virtual
 * machine that was tried ran. FALSE is what holds now: a guest that only has to load a module is told so.
 */
export function linuxVerdict(facts: GuestFacts): Verdict {
  const cpu = facts.get("cpu") ?? "";
  if (cpu === "none") return lacksCpuFeature;
  if (cpu !== "vmx" && cpu !== "svm") return unreadable;
  const device = facts.get("kvm") ?? "";
  const isRegistered = facts.get("kvm_registered") === KVM_DEVICE;
  const isDevice = device === `character ${KVM_DEVICE}` || (device === "present" && isRegistered);
  if (!isRegistered && (!isDevice || facts.get("kvm_opens") !== "yes")) return lacksDevice(cpu);
  if (!isDevice || facts.get("kvm_opens") !== "yes") return denied;
  return afterRun(cpu, facts.get("l2_exit"));
}

function afterRun(cpu: string, exit: string | undefined): Verdict {
  if (exit === undefined || exit === "0") {
    return {
      verdict: Tristate.TRUE,
      reason: "VERIFIED",
      message: `the guest can run hardware-assisted VMs: its CPU has ${cpu} and /dev/kvm opens${exit === undefined ? "" : "; one ran"}`,
    };
  }
  if (exit === TIMED_OUT) {
    return {
      verdict: Tristate.UNKNOWN,
      reason: "GUEST_PROOF_TIMEOUT",
      message: `${l2Proof} in the guest did not end in time; the guest may be busy: verify again`,
    };
  }
  return {
    verdict: Tristate.FALSE,
    reason: "GUEST_CANNOT_RUN_VM",
    message: `the guest has ${cpu} and /dev/kvm, but the VM that ${l2Proof} tried in it did not run; the evidence has its words, the guest's kernel log (dmesg) and the host's have more`,
  };
}

/** The evidence for people, a line for each fact; what was not told is left out. */
export function linuxEvidence(facts: GuestFacts): string[] {
  const [cpu, device, opens, module] = ["cpu", "kvm", "kvm_opens", "module"].map((name) => facts.get(name));
  const flags = [
    cpu === "none" ? "neither vmx nor svm" : cpu,
    ...(facts.get("hypervisor") === "yes" ? ["hypervisor"] : []),
  ];
  const openness = opens === "yes" ? ", opens" : opens === "no" ? ", does not open" : "";
  const exit = facts.get("l2_exit");
  return [
    ...(cpu === undefined ? [] : [`/proc/cpuinfo: ${flags.join(", ")}`]),
    ...(device === undefined ? [] : [`/dev/kvm: ${deviceWords(device)}${openness}`]),
    ...(facts.has("kvm_registered") ? [`/sys/class/misc/kvm/dev: ${facts.get("kvm_registered")}`] : []),
    ...(module === undefined ? [] : [`/sys/module/${module}: loaded`]),
    ...(facts.has("nested") ? [`/sys/module/${module}/parameters/nested: ${facts.get("nested")}`] : []),
    ...(exit === undefined ? [] : [`${l2Proof}: exit ${exit}: ${facts.get("l2_said") ?? ""}`]),
  ];
}

const deviceWords = (device: string): string =>
  device.startsWith("character ")
    ? `character device ${device.slice("character ".length).replace(":", ",")}`
    : device;

const lacksCpuFeature: Verdict = {
  verdict: Tristate.FALSE,
  reason: "GUEST_LACKS_CPU_FEATURE",
  message:
    "the guest sees neither vmx nor svm; ask for nested virtualization and power the VM off and on; CheckHosts tells whether the host can give it",
};

const lacksDevice = (cpu: string): Verdict => ({
  verdict: Tristate.FALSE,
  reason: "GUEST_LACKS_DEV_KVM",
  message: `the guest's CPU has ${cpu} but its kernel offers no /dev/kvm; load KVM in the guest (modprobe ${cpu === "vmx" ? "kvm_intel" : "kvm_amd"}; dmesg says why if that fails), then verify again`,
});

const denied: Verdict = {
  verdict: Tristate.UNKNOWN,
  reason: "GUEST_ACCESS_DENIED",
  message:
    "the guest's kernel offers KVM, but its agent may not open /dev/kvm; SELinux may confine it (setsebool -P virt_qemu_ga_run_unconfined on), or it runs in a container",
};

const unreadable: Verdict = {
  verdict: Tristate.UNKNOWN,
  reason: "GUEST_ANSWER_UNREADABLE",
  message:
    "the guest does not tell its CPU's features in /proc/cpuinfo; the proof is for Linux and Windows on x86_64",
};
