import { type NestingVerification, Tristate } from "@virtrigaud/proto";
import { type GuestReport, oneLine, type Silence } from "./guest-report.ts";
import { linuxEvidence, linuxVerdict } from "./linux-verdict.ts";
import { windowsEvidence, windowsVerdict } from "./windows-verdict.ts";

/** What a report comes to, without what it rests on. */
export type Verdict = Pick<NestingVerification, "verdict" | "reason" | "message">;

/** Judges what a guest said. A guest that could not be asked is UNKNOWN with the reason and the knob, never FALSE. */
export function verdict(report: GuestReport, verifiedAt: Date): NestingVerification {
  switch (report.system) {
    case "linux":
      return {
        ...linuxVerdict(report.facts),
        evidence: [...ways[report.way], ...linuxEvidence(report.facts)],
        verifiedAt,
      };
    case "windows":
      return { ...windowsVerdict(report.facts), evidence: windowsEvidence(report.facts), verifiedAt };
    case "silent": {
      const { reason, words } = report;
      const said = oneLine(words);
      return {
        verdict: Tristate.UNKNOWN,
        reason,
        message: remedies[reason],
        evidence: said === "" ? [] : [said],
        verifiedAt,
      };
    }
  }
}

const ways = { script: [], files: ["read by the agent's file commands: it may not run programs"] } as const;

const remedies: Readonly<Record<Silence, string>> = {
  NO_GUEST_ACCESS:
    "no agent answers in the guest; install and start qemu-guest-agent in it, or wait until it has booted, then verify again",
  GUEST_EXEC_BLOCKED:
    "the guest's agent may neither run the proof nor read its files; take guest-exec and guest-exec-status off its block list (FILTER_RPC_ARGS or BLACKLIST_RPC in /etc/sysconfig/qemu-ga, block-rpcs in qemu-ga.conf) and restart it, then verify again",
  GUEST_PROOF_TIMEOUT: "the proof in the guest did not end in time; the guest may be busy: verify again",
  GUEST_ANSWER_UNREADABLE:
    "the guest's agent answers what the proof cannot read; the evidence has its words. Update qemu-guest-agent in the guest, then verify again",
  SIMULATED: "this hypervisor is a simulator: nothing runs in it, so nothing can be verified in a guest",
};
