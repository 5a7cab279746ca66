import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { type Guest, type GuestScript, provingGuest, type PveOptions } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import {
  NestedPolicy,
  PowerAction,
  ReconfigureVMRequest,
  Tristate,
  type VM,
  type VMSpec,
} from "@virtrigaud/proto";
import { create, done, type Lab, power, read, smallSpec, startLab } from "../testing/lab.ts";

const { TRUE, FALSE, UNKNOWN } = Tristate;
const asked = (policy: NestedPolicy) => smallSpec({ nestedVirtualization: { policy } });

interface Running extends Lab {
  readonly uid: string;
  readonly vm: VM;
  readonly spec: VMSpec;
}

/** A VM of ours that was just started. */
async function started(
  guest: GuestScript,
  options: PveOptions = {},
  policy = NestedPolicy.REQUIRED,
): Promise<Running> {
  const lab = await startLab({ guest, ...options });
  const uid = randomUUID();
  const spec = asked(policy);
  const vm = await create(lab.connection, spec, uid);
  await power(lab.connection, uid, PowerAction.ON);
  return { ...lab, uid, vm, spec };
}

const verify = async ({ connection, uid }: Running) =>
  (await connection.verifyNesting({ uid, guestCredentials: undefined })).operation;
const verified = async (running: Running) =>
  (await done(running.connection, await verify(running))).result?.value;

test("in a guest that can: TRUE, and the VM's status holds it, for other daemons as well", async () => {
  const running = await started(provingGuest());
  const { connection, uid, vm } = running;
  const [first, second] = await Promise.all([verify(running), verify(running)]);
  expect(second?.name).toBe(first?.name);
  expect(first?.description).toBe(`verify nested virtualization in ${vm.name}`);
  const proof = {
    reason: "VERIFIED",
    message: "the guest can run hardware-assisted VMs: its CPU has vmx and /dev/kvm opens",
    evidence: [
      "/proc/cpuinfo: vmx, hypervisor",
      "/dev/kvm: character device 10,232, opens",
      "/sys/class/misc/kvm/dev: 10:232",
      "/sys/module/kvm_intel: loaded",
      "/sys/module/kvm_intel/parameters/nested: 1",
    ],
  };
  const { result } = await done(connection, first);
  expect(result).toEqual({
    $case: "nestingVerification",
    value: { verdict: TRUE, verifiedAt: expect.any(Date), ...proof },
  });
  const { verifiedAt } = result?.value as { verifiedAt: Date };
  const other = await running.another();
  for (const daemon of [connection, other.connection]) {
    const { nested, owner } = await read(daemon, uid);
    const { evidence, ...rest } = proof;
    expect(nested).toMatchObject({ verified: TRUE, verifiedAt, ...rest });
    expect(nested?.evidence).toEqual(expect.arrayContaining(evidence));
    expect(owner).toEqual(vm.owner);
  }
});

describe("what else guests say", () => {
  const off: Guest = { agent: false };
  test.each<[string, GuestScript, NestedPolicy, Tristate, string]>([
    ["the CPU lacks the feature", provingGuest(), NestedPolicy.DISABLED, FALSE, "GUEST_LACKS_CPU_FEATURE"],
    ["no /dev/kvm", provingGuest({ kvm: "missing" }), NestedPolicy.REQUIRED, FALSE, "GUEST_LACKS_DEV_KVM"],
    [
      "programs are blocked",
      () => ({ blocked: ["guest-exec"] }),
      NestedPolicy.REQUIRED,
      UNKNOWN,
      "GUEST_EXEC_BLOCKED",
    ],
    ["no /bin/sh", () => ({ exec: () => undefined }), NestedPolicy.REQUIRED, UNKNOWN, "GUEST_EXEC_BLOCKED"],
  ])("%s", async (_, guest, policy, verdict, reason) => {
    const running = await started(guest, {}, policy);
    expect(await verified(running)).toMatchObject({ verdict, reason });
    expect((await read(running.connection, running.uid)).nested).toMatchObject({ verified: verdict, reason });
  });

  test("an agent that is silent holds up nobody; the proof can be cancelled", async () => {
    const running = await started(() => off);
    const operation = await verify(running);
    const name = operation?.name ?? "";
    expect((await running.connection.cancelOperation({ name })).operation?.error?.reason).toBe("CANCELLED");
  });

  test("a simulator without a guest's script proves nothing", async () => {
    const lab = await startLab();
    const uid = randomUUID();
    await create(lab.connection, asked(NestedPolicy.REQUIRED), uid);
    await power(lab.connection, uid, PowerAction.ON);
    const operation = await lab.connection.verifyNesting({ uid, guestCredentials: undefined });
    const { result } = await done(lab.connection, operation.operation);
    expect(result?.value).toMatchObject({ verdict: UNKNOWN, reason: "SIMULATED" });
    expect(lab.requests().filter((request) => request.includes("/agent/exec"))).toEqual([]);
  });
});

test("the last proof counts: one that cannot be taken makes the VM UNKNOWN again", async () => {
  let blocked: string[] = [];
  const running = await started((vm) => ({
    ...provingGuest()(vm),
    get blocked() {
      return blocked;
    },
  }));
  expect(await verified(running)).toMatchObject({ verdict: TRUE });
  blocked = ["guest-exec"];
  expect(await verified(running)).toMatchObject({ verdict: UNKNOWN, reason: "GUEST_EXEC_BLOCKED" });
  expect((await read(running.connection, running.uid)).nested).toMatchObject({
    verified: UNKNOWN,
    reason: "GUEST_EXEC_BLOCKED",
  });
});

test("a proof is not kept for a configuration that waits for a restart", async () => {
  const running = await started(provingGuest());
  const { connection, simulator, uid, vm } = running;
  const held = simulator.cluster.vms.get(Number(vm.id));
  if (held !== undefined) held.pending["cpu"] = "kvm64";
  expect(await verified(running)).toMatchObject({ verdict: TRUE });
  expect((await read(connection, uid)).nested?.verified).toBe(UNKNOWN);
});

test("a proof is not kept for a spec that was asked for while the guest was", async () => {
  const slow: GuestScript = (vm) => {
    const { exec } = provingGuest()(vm);
    return {
      exec(argv, input) {
        const result = exec?.(argv, input);
        return result && { ...result, ms: 300 };
      },
    };
  };
  const running = await started(slow);
  const { connection, uid, spec } = running;
  const operation = await verify(running);
  await connection.reconfigureVm(
    ReconfigureVMRequest.fromPartial({ uid, spec: { ...spec, tags: ["other"] } }),
  );
  expect((await done(connection, operation)).result?.value).toMatchObject({ verdict: TRUE });
  expect((await read(connection, uid)).nested?.verified).toBe(UNKNOWN);
});

test("a VM without a channel is not waited for", async () => {
  const running = await started(provingGuest());
  const held = running.simulator.cluster.vms.get(Number(running.vm.id));
  if (held !== undefined) held.config["agent"] = "0";
  expect(await verified(running)).toMatchObject({ verdict: UNKNOWN, reason: "NO_GUEST_ACCESS" });
});

test("of a VM that is off, of nobody's and of one that does not exist", async () => {
  const running = await started(provingGuest());
  await power(running.connection, running.uid, PowerAction.OFF);
  await expect(verify(running)).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_RUNNING",
  });
  await expect(verify({ ...running, uid: randomUUID() })).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test("a missing privilege is named", async () => {
  const weak = { id: "root@pam!weak", secret: "00000000-0000-0000-0000-000000000001" };
  const privileges = { "/": ["VM.Audit", "VM.GuestAgent.Audit", "Sys.Audit", "Datastore.Audit"] };
  const running = await started(provingGuest(), {
    tokens: [{ id: "root@pam!all" }, { ...weak, privileges }],
  });
  const { connection } = await running.another({ credentials: { kind: "token", ...weak } });
  await expect(verified({ ...running, connection })).rejects.toMatchObject({
    reason: "HYPERVISOR_PERMISSION",
    message: expect.stringContaining("VM.GuestAgent.Unrestricted"),
  });
});
