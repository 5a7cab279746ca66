import {
  NestedPolicy,
  type NestingVerification,
  Tristate,
  type VerifyNestingRequest,
  type VerifyNestingResponse,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import type { Guest } from "../hypervisor/hypervisor.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { policyOf } from "../mapping/implied.ts";
import { observeTask } from "../mapping/operation.ts";
import { assertIdle, assertRunning, ownedMachine } from "./owned.ts";

type Proof = Omit<NestingVerification, "verifiedAt">;

const unproven = (reason: string, message: string): Proof => {
  return { verdict: Tristate.UNKNOWN, reason, message, evidence: [] };
};
const lacking: Proof = {
  verdict: Tristate.FALSE,
  reason: "GUEST_LACKS_CPU_FEATURE",
  message: "the guest sees neither vmx nor svm; ask for nested virtualization and power the VM off and on",
  evidence: ["/proc/cpuinfo: no vmx, no svm", "/dev/kvm: does not exist"],
};

/** What a guest that was given nesting answers, by its script. */
const scripts: Readonly<Record<Guest, Proof>> = {
  simulated: unproven("SIMULATED", "nothing runs in memory, so nothing can be proven"),
  unknown: unproven("NO_GUEST_ACCESS", "no agent answers in the guest; install one"),
  false: lacking,
  true: {
    verdict: Tristate.TRUE,
    reason: "VERIFIED",
    message: "the guest can run hardware-assisted VMs",
    evidence: ["/proc/cpuinfo: vmx", "/dev/kvm: character device 10,232"],
  },
};

/** VerifyNesting: what the scripted guest answers; the machine's nested status holds it afterwards. */
export function verifyNesting(context: Context, { uid }: VerifyNestingRequest): VerifyNestingResponse {
  const { hypervisor } = context;
  const machine = ownedMachine(context, uid);
  assertIdle(hypervisor, machine);
  assertRunning(machine);
  const task = hypervisor.tasks.start({
    description: "verify nested virtualization",
    machineId: machine.id,
    cancellable: true,
    effect: () => {
      const value = { ...ask(hypervisor.guest, machine), verifiedAt: new Date() };
      machine.proof = value;
      hypervisor.inventory.changed(machine);
      return { $case: "nestingVerification", value };
    },
  });
  return { operation: observeTask(task) };
}

function ask(guest: Guest, { running }: Machine): Proof {
  const silent = guest === "simulated" || guest === "unknown";
  const given = running !== undefined && policyOf(running) === NestedPolicy.REQUIRED;
  return silent || given ? scripts[guest] : lacking;
}
