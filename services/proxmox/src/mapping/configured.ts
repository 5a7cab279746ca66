import { NestedPolicy, Tristate } from "@virtrigaud/proto";
import { cpuFlag, decodeCpu } from "./language/cpu.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

/** What a VM without the `cpu` option has. */
const defaultModel = "kvm64";

/** Models that show the guest what QEMU or the host has, and models that root wrote: neither tells what is in it. */
export const showsHost = (model: string): boolean => /^(?:host|max|custom-.*)$/.test(model);

/**
 * Whether a VM's options hold nested virtualization. Only what they say counts: the host's CPU as it is proves nothing. Under KVM a named
 * model has neither vmx nor svm but by the flag; emulated, all but kvm64 may have svm.
 */
export function configured(config: VmConfig): { answer: Tristate; evidence: string } {
  const option = optionOf(config, "cpu");
  const cpu = decodeCpu(option ?? "");
  const flag = cpuFlag(cpu, "nested-virt");
  const isEmulated = optionOf(config, "kvm") === "0";
  const evidence = [
    option === undefined ? `no cpu option (${defaultModel})` : `cpu=${option}`,
    ...(isEmulated ? ["kvm=0"] : []),
  ];
  const { type = defaultModel } = cpu;
  const isOpen = showsHost(type) || (isEmulated && type !== defaultModel);
  const answer = flag ? Tristate.TRUE : flag === false || !isOpen ? Tristate.FALSE : Tristate.UNKNOWN;
  return { answer, evidence: evidence.join(", ") };
}

/** Whether a VM's options are what a policy leads to. Before 9.1, whose `cpu` option has no flag, `host` is all there is. */
export function holdsPolicy(policy: NestedPolicy, config: VmConfig): boolean {
  const { answer } = configured(config);
  switch (policy) {
    case NestedPolicy.REQUIRED:
      return (
        answer === Tristate.TRUE ||
        (answer === Tristate.UNKNOWN && showsHost(decodeCpu(optionOf(config, "cpu") ?? "").type ?? ""))
      );
    case NestedPolicy.DISABLED:
      return answer === Tristate.FALSE;
    default:
      return true;
  }
}
