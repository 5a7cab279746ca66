import { type GuestFacts, oneLine } from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Domain, Libvirt } from "../client/index.ts";
import { guestFileOpens, guestReadFile } from "./files.ts";

/** The same facts as the script tells, as far as files can: for an agent that may not run programs. @throws AgentError */
export async function askFiles(libvirt: Libvirt, domain: Domain, call: Call): Promise<GuestFacts> {
  const read = (path: string) => guestReadFile(libvirt, domain, path, call);
  const cpuinfo = (await read("/proc/cpuinfo")) ?? "";
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/);
  const feature = flags?.find((flag) => flag === "vmx" || flag === "svm");
  const facts = new Map([["cpu", feature ?? (flags === undefined ? "unknown" : "none")]]);
  if (flags?.includes("hypervisor")) facts.set("hypervisor", "yes");

  const opens = await guestFileOpens(libvirt, domain, "/dev/kvm", call);
  facts.set("kvm", opens === undefined ? "missing" : "present");
  facts.set("kvm_opens", opens ? "yes" : "no");
  const tell = async (name: string, path: string) => {
    const text = await read(path);
    if (text !== undefined) facts.set(name, oneLine(text));
    return text;
  };
  await tell("kvm_registered", "/sys/class/misc/kvm/dev");
  for (const module of ["kvm_intel", "kvm_amd"]) {
    if ((await tell("nested", `/sys/module/${module}/parameters/nested`)) !== undefined)
      facts.set("module", module);
  }
  return facts;
}
