import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { NestedPolicy, PowerAction, Tristate } from "@virtrigaud/proto";
import { buildGuestImage, runInGuest, startPrivateLibvirtd, whyMissing } from "@virtrigaud/test-tools";
import { type NestedLab, startNestedLab } from "./nested-lab.ts";

const reason =
  (await whyMissing(buildGuestImage({ firmware: "bios" }, console.info))) ??
  (await whyMissing(startPrivateLibvirtd({}, () => {}).then((libvirtd) => libvirtd.stop())));
const suite = reason === undefined ? describe : describe.skip;
const patient = 300_000;
const { REQUIRED, DISABLED } = NestedPolicy;

suite(`a VM hosts a VM, on any machine ${reason ?? ""}`, () => {
  let lab: NestedLab;
  beforeAll(async () => {
    lab = await startNestedLab(false);
  }, patient);
  afterAll(() => lab.stop());

  test(
    "asked for, made, started, and proven by a guest in the guest",
    async () => {
      const made = await lab.create(REQUIRED);
      const unproven = { requested: Tristate.TRUE, hostCapable: Tristate.TRUE, cpuFeature: "svm" };
      expect(made.nested).toMatchObject({
        ...unproven,
        configured: Tristate.TRUE,
        verified: Tristate.UNKNOWN,
      });
      await lab.power(made.uid, PowerAction.ON);

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
      const verifiedAt = expect.any(Date);
      expect(await lab.verify(made.uid)).toEqual({ ...proof, verdict: Tristate.TRUE, verifiedAt });
      const { nested } = await lab.read(made.uid);
      expect(nested).toMatchObject({
        ...unproven,
        configured: Tristate.TRUE,
        verified: Tristate.TRUE,
        reason: "VERIFIED",
        verifiedAt,
      });
      expect(nested?.evidence).toEqual(
        expect.arrayContaining([...proof.evidence, expect.stringMatching(/^live domain: .*svm=require/)]),
      );
      await lab.remove(made.uid);
    },
    patient,
  );

  test(
    "forbidden, it is proven to lack it",
    async () => {
      const { uid } = await lab.create(DISABLED);
      await lab.power(uid, PowerAction.ON);
      expect(await lab.verify(uid)).toMatchObject({
        verdict: Tristate.FALSE,
        reason: "GUEST_LACKS_CPU_FEATURE",
        evidence: ["/proc/cpuinfo: neither vmx nor svm, hypervisor", "/dev/kvm: missing, does not open"],
      });
      expect((await lab.read(uid)).nested).toMatchObject({
        requested: Tristate.FALSE,
        configured: Tristate.FALSE,
        verified: Tristate.FALSE,
      });
      await lab.remove(uid);
    },
    patient,
  );
});

suite(`a VM hosts a Linux ${reason ?? ""}`, () => {
  let lab: NestedLab;
  beforeAll(async () => {
    lab = await startNestedLab(true);
  }, patient);
  afterAll(() => lab.stop());

  test(
    "booted by QEMU and KVM in the guest",
    async () => {
      const { uid, name } = await lab.create(REQUIRED, 768);
      await lab.power(uid, PowerAction.ON);
      expect((await lab.verify(uid)).verdict).toBe(Tristate.TRUE);
      const booted = await runInGuest(
        lab.libvirtd,
        name,
        "/usr/bin/boot-linux-l2",
        AbortSignal.timeout(patient - 60_000),
      );
      expect(booted).toMatch(/^hello from a Linux \d\S* L2 guest\r?\n$/);
      await lab.remove(uid);
    },
    patient,
  );
});
