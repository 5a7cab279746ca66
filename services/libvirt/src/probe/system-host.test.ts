import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type PrivateLibvirtd, startSystemLibvirtd, whyMissing } from "@virtrigaud/test-tools";
import { connectLibvirt, type Libvirt } from "../client/index.ts";
import { flyCanary } from "./canary.ts";
import { probeHost } from "./probe-host.ts";

let daemon: PrivateLibvirtd | undefined;
const reason = await whyMissing(
  startSystemLibvirtd().then((started) => {
    daemon = started;
  }),
);
afterAll(() => daemon?.stop());

const never = { signal: new AbortController().signal };
/** Where root's libvirtd has to do without the machine's other daemons it waits for them. */
const patient = 120_000;

(reason === undefined ? describe : describe.skip)(`root's libvirtd ${reason ?? ""}`, () => {
  let libvirt: Libvirt;
  const uri = () => daemon?.uri ?? "";
  beforeAll(async () => {
    libvirt = await connectLibvirt({ uri: uri() });
  });
  afterAll(() => libvirt.close());

  test(
    "is privileged, and KVM is chosen only where a guest runs under it",
    async () => {
      const facts = await probeHost(libvirt, { accel: "auto", uri: uri() }, never);
      expect(facts.privileged).toBe(true);
      expect(facts.accel).toBe(facts.readings.kvmBoots === true ? "kvm" : "tcg");
      // Its QEMU runs as an account of its own, which libvirtd's offer says nothing about.
      if (facts.host.domainTypes.has("kvm")) {
        const verdict = await flyCanary(libvirt, { type: "kvm" }, never);
        expect(verdict).toEqual(
          verdict.boots ? { boots: true } : { boots: false, why: expect.stringMatching(/^[\w ]+/) },
        );
      }
      expect((await libvirt.call("connectListAllDomains", {})).domains).toEqual([]);
    },
    patient,
  );
});
