import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { OperationState, PowerAction, Tristate } from "@virtrigaud/proto";
import type { Domain } from "../client/index.ts";
import { guestExec } from "../guest/exec.ts";
import { markerElement } from "../mapping/metadata.ts";
import { renderXml } from "../mapping/xml.ts";
import { describeOnLibvirt, done, power, read } from "../testing/lab.ts";
import { agentUp, type RealGuestOptions, startRealGuest } from "../testing/real-guest.ts";

const patient = 120_000;

await describeOnLibvirt("VerifyNesting", (lab) => {
  /** A VM of ours that was just started. */
  async function started(options: Partial<RealGuestOptions> = {}): Promise<{ uid: string; domain: Domain }> {
    const { libvirtd, provider } = lab();
    const uid = randomUUID();
    const marker = { uid, controllerId: "test", specFingerprint: "f1", canonicalSpec: "{}" };
    const metadata = renderXml(markerElement(marker, []));
    const name = `guest-${uid.slice(0, 8)}`;
    const guest = { name, uuid: uid, nesting: true, metadata, ...options };
    return { uid, domain: await startRealGuest(libvirtd, provider.host.libvirt, guest) };
  }
  const verify = async (uid: string) => {
    const { operation } = await lab().connection.verifyNesting({ uid, guestCredentials: undefined });
    return operation;
  };
  const verified = async (uid: string) => (await done(lab().connection, await verify(uid))).result?.value;

  describe("in a guest that can", () => {
    let uid: string;
    let domain: Domain;
    beforeAll(async () => {
      ({ uid, domain } = await started());
    }, patient);
    const sh = (script: string) => {
      const call = { signal: AbortSignal.timeout(20_000) };
      return guestExec(lab().provider.host.libvirt, domain, { path: "/bin/sh", args: ["-c", script] }, call);
    };

    test(
      "is TRUE as soon as it has booted, and the VM's status holds it afterwards",
      async () => {
        const [first, second] = await Promise.all([verify(uid), verify(uid)]);
        expect(second?.name).toBe(first?.name);
        const { result, description } = await done(lab().connection, first);
        const proof = {
          reason: "VERIFIED",
          message: "the guest can run hardware-assisted VMs: its CPU has svm and /dev/kvm opens; one ran",
          evidence: [
            "/proc/cpuinfo: svm, hypervisor",
            "/dev/kvm: character device 10,232, opens",
            "/sys/class/misc/kvm/dev: 10:232",
            "/sys/module/kvm_amd: loaded",
            "/sys/module/kvm_amd/parameters/nested: 1",
            "/usr/lib/virtrigaud/l2-proof: exit 0: hello from an L2 guest",
          ],
        };
        expect(result).toEqual({
          $case: "nestingVerification",
          value: { verdict: Tristate.TRUE, verifiedAt: expect.any(Date), ...proof },
        });
        expect(description).toBe(`verify nested virtualization in ${domain.name}`);

        const { nested } = await read(lab().connection, uid);
        const { evidence, ...rest } = proof;
        expect(nested).toMatchObject({ verified: Tristate.TRUE, ...rest });
        expect(nested?.evidence).toEqual(expect.arrayContaining(evidence));
        expect(nested?.verifiedAt).toEqual((result?.value as { verifiedAt: Date }).verifiedAt);
        for (const kind of [[], ["--inactive"]])
          expect(await lab().virsh("dumpxml", domain.name, ...kind)).toContain("hello from an L2 guest");
      },
      patient,
    );

    test(
      "is UNKNOWN again when the agent may not tell any more: the last proof counts",
      async () => {
        await sh(
          "sed -i 's/qemu-ga --method/qemu-ga --block-rpcs=guest-exec,guest-file-open --method/' /etc/inittab; kill -HUP 1",
        );
        await sh("(sleep 0.5; killall qemu-ga) >/dev/null 2>&1 &");
        await sleep(1500);
        expect(await verified(uid)).toMatchObject({
          verdict: Tristate.UNKNOWN,
          reason: "GUEST_EXEC_BLOCKED",
          evidence: [],
        });
        expect((await read(lab().connection, uid)).nested).toMatchObject({
          verified: Tristate.UNKNOWN,
          reason: "GUEST_EXEC_BLOCKED",
        });
      },
      patient,
    );
  });

  test(
    "is FALSE in a guest without the CPU's feature",
    async () => {
      const { uid } = await started({ nesting: false });
      expect(await verified(uid)).toMatchObject({
        verdict: Tristate.FALSE,
        reason: "GUEST_LACKS_CPU_FEATURE",
        evidence: ["/proc/cpuinfo: neither vmx nor svm, hypervisor", "/dev/kvm: missing, does not open"],
      });
      expect((await read(lab().connection, uid)).nested?.verified).toBe(Tristate.FALSE);
      await power(lab().connection, uid, PowerAction.OFF);
      await expect(verify(uid)).rejects.toMatchObject({
        code: status.FAILED_PRECONDITION,
        reason: "VM_NOT_RUNNING",
      });
    },
    patient,
  );

  test(
    "is UNKNOWN, at once, in a VM without a way to its agent",
    async () => {
      const { uid } = await started({ channel: "" });
      expect(await verified(uid)).toMatchObject({ verdict: Tristate.UNKNOWN, reason: "NO_GUEST_ACCESS" });
      expect((await read(lab().connection, uid)).nested).toMatchObject({
        verified: Tristate.UNKNOWN,
        reason: "NO_GUEST_ACCESS",
      });
      await power(lab().connection, uid, PowerAction.OFF);
    },
    patient,
  );

  test("of nobody's VM, and of one that does not exist", async () => {
    const { domain } = await started({ metadata: "" });
    await expect(verify(domain.uuid)).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(verify(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND });
    await lab().virsh("destroy", domain.name);
  });

  test(
    "an agent that hangs holds up nobody else; the proof can be cancelled, and ends with the VM",
    async () => {
      const { connection, provider } = lab();
      const { uid, domain } = await started();
      await agentUp(provider.host.libvirt, domain);
      const hang = {
        path: "/bin/sh",
        args: ["-c", "(sleep 0.3; kill -STOP $(pidof qemu-ga)) >/dev/null 2>&1 &"],
      };
      await guestExec(provider.host.libvirt, domain, hang, { signal: AbortSignal.timeout(10_000) });
      await sleep(1000);

      const [first] = await Promise.all([verify(uid), verify(uid)]);
      await sleep(300);
      const before = performance.now();
      expect((await read(connection, uid)).nested?.verified).toBe(Tristate.UNKNOWN);
      const { operation: cancelled } = await connection.cancelOperation({ name: first?.name ?? "" });
      expect(cancelled).toMatchObject({ state: OperationState.CANCELLED, error: { reason: "CANCELLED" } });
      expect(performance.now() - before).toBeLessThan(3_000);

      const again = await verify(uid);
      await sleep(300);
      await power(connection, uid, PowerAction.OFF);
      await expect(done(connection, again)).rejects.toMatchObject({ reason: "VM_NOT_RUNNING" });
    },
    patient,
  );
});
