import { TpmVersion, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

/** An emulated TPM; its state is libvirt's to keep and is removed with the domain. */
export function tpm({ tpm: asked }: VMSpec, { domain, name }: HostFacts, problems: Problems): Element[] {
  if (asked === undefined) return [];
  const isOld = asked.version === TpmVersion.TPM_VERSION_1_2;
  // The command-response buffer is an interface of TPM 2.0 alone.
  const model = isOld ? "tpm-tis" : "tpm-crb";
  if (domain.tpm !== undefined && !(domain.tpm.emulator && domain.tpm.models.includes(model)))
    problems.add(
      "spec.tpm",
      "TPM_UNSUPPORTED",
      `host ${name} cannot emulate a ${model}; install it there (Debian, Ubuntu: apt install swtpm swtpm-tools; RHEL: dnf install swtpm swtpm-tools) and restart libvirtd`,
    );
  const backend = el("backend", { type: "emulator", version: isOld ? "1.2" : "2.0" });
  return [el("tpm", { model }, [backend])];
}
