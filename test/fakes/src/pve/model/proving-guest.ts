import type { GuestScript, GuestView } from "./guest.ts";
import { commonPrograms } from "./guest-programs.ts";

/**
 * A Linux guest in which VirtRigaud's proof of nesting runs: it tells the truth about its simulated CPU. `kvm` "missing": its kernel has
 * not loaded KVM. The lines are those of the proof's script, which no other test has to know.
 */
export const provingGuest =
  ({ kvm = "opens" }: { readonly kvm?: "opens" | "missing" } = {}): GuestScript =>
  ({ virtualization }) => ({
    exec(argv, input) {
      const [program, flag, script = ""] = argv;
      if (program !== "/bin/sh" || flag !== "-c" || !script.includes("say end yes"))
        return commonPrograms(virtualization, argv, input);
      const lines = proof(virtualization, kvm === "opens");
      return { exitcode: 0, out: lines.map((line) => `${line}\n`).join("") };
    },
  });

function proof(virtualization: GuestView["virtualization"], hasKvm: boolean): string[] {
  if (virtualization === undefined || !hasKvm)
    return [`cpu=${virtualization ?? "none"}`, "hypervisor=yes", "kvm=missing", "kvm_opens=no", "end=yes"];
  return [
    `cpu=${virtualization}`,
    "hypervisor=yes",
    "kvm=character 10:232",
    "kvm_opens=yes",
    "kvm_registered=10:232",
    `module=${virtualization === "vmx" ? "kvm_intel" : "kvm_amd"}`,
    "nested=1",
    "end=yes",
  ];
}
