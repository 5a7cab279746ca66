import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AgentError } from "@virtrigaud/kit/nesting-proof";
import { connectLibvirt, type Domain, type Libvirt } from "../client/index.ts";
import { agentUp, startRealGuest } from "../testing/real-guest.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { askGuest } from "./ask-guest.ts";
import { guestExec } from "./exec.ts";
import { guestFileOpens, guestReadFile } from "./files.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);
const patient = 90_000;
const call = { signal: new AbortController().signal };

(reason === undefined ? describe : describe.skip)(`a real guest's agent ${reason ?? ""}`, () => {
  let libvirt: Libvirt;
  let domain: Domain;
  beforeAll(async () => {
    libvirt = await connectLibvirt({ uri: daemon().uri });
    domain = await startRealGuest(daemon(), libvirt, { name: "able", uuid: randomUUID(), nesting: true });
  }, patient);
  afterAll(() => libvirt.close());
  const sh = (script: string) => guestExec(libvirt, domain, { path: "/bin/sh", args: ["-c", script] }, call);

  test(
    "a guest that was just started is waited for, and proven to run virtual machines",
    async () => {
      expect(await askGuest(libvirt, domain, call)).toEqual({
        system: "linux",
        way: "script",
        facts: new Map([
          ["cpu", "svm"],
          ["hypervisor", "yes"],
          ["kvm", "character 10:232"],
          ["kvm_opens", "yes"],
          ["kvm_registered", "10:232"],
          ["module", "kvm_amd"],
          ["nested", "1"],
          ["l2_exit", "0"],
          ["l2_said", "hello from an L2 guest"],
          ["end", "yes"],
        ]),
      });
    },
    patient,
  );

  test("programs: output, exit code, input, arguments as they are", async () => {
    const cat = {
      path: "/bin/sh",
      args: ["-c", 'cat; echo "$1" >&2; exit 3', "sh", "$(id) '\"\n;"],
      input: "in\n",
    };
    expect(await guestExec(libvirt, domain, cat, call)).toEqual({
      code: 3,
      stdout: "in\n",
      stderr: "$(id) '\"\n;\n",
    });
    expect(await sh("kill -9 $$")).toEqual({ code: 137, stdout: "", stderr: "" });
    expect((await sh("head -c 200000 /dev/zero | tr '\\0' x")).stdout).toBe("x".repeat(64 * 1024));
    const missing = { path: "/nonexistent" };
    await expect(guestExec(libvirt, domain, missing, call)).rejects.toMatchObject({ kind: "refused" });
  });

  test("whoever gives up a program gets away at once", async () => {
    const signal = AbortSignal.timeout(300);
    const sleeping = guestExec(libvirt, domain, { path: "/bin/sleep", args: ["3"] }, { signal });
    await expect(sleeping).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("files: there, not there, not to be read", async () => {
    expect(await guestReadFile(libvirt, domain, "/sys/class/misc/kvm/dev", call)).toBe("10:232\n");
    expect(await guestReadFile(libvirt, domain, "/nonexistent", call)).toBeUndefined();
    await expect(guestReadFile(libvirt, domain, "/root", call)).rejects.toMatchObject({ kind: "refused" });
    expect(await guestFileOpens(libvirt, domain, "/dev/kvm", call)).toBe(true);
    expect(await guestFileOpens(libvirt, domain, "/nonexistent", call)).toBeUndefined();
  });

  test("KVM that is not loaded, or comes late", async () => {
    const facts = async () => {
      const report = await askGuest(libvirt, domain, call);
      return report.system === "linux" ? Object.fromEntries(report.facts) : report;
    };
    await sh("rmmod kvm-amd");
    expect(await facts()).toEqual({
      cpu: "svm",
      hypervisor: "yes",
      kvm: "missing",
      kvm_opens: "no",
      end: "yes",
    });
    await sh("(sleep 2; insmod /lib/modules/kvm_amd.ko) >/dev/null 2>&1 &");
    expect(await facts()).toMatchObject({ kvm: "character 10:232", kvm_opens: "yes", l2_exit: "0" });
  });

  const restartAgent = async (flags: string) => {
    await agentUp(libvirt, domain);
    const rewrite = `sed -i 's/qemu-ga .*--method/qemu-ga ${flags} --method/' /etc/inittab; kill -HUP 1`;
    // It may be gone before it has said that the program was started.
    await sh(`${rewrite}; (sleep 0.3; killall qemu-ga) >/dev/null 2>&1 &`).catch((error: unknown) => {
      if (!(error instanceof AgentError)) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await agentUp(libvirt, domain);
  };

  test(
    "an agent that may not run programs is asked for files",
    async () => {
      await restartAgent("--block-rpcs=guest-exec");
      expect(await askGuest(libvirt, domain, call)).toEqual({
        system: "linux",
        way: "files",
        facts: new Map([
          ["cpu", "svm"],
          ["hypervisor", "yes"],
          ["kvm", "present"],
          ["kvm_opens", "yes"],
          ["kvm_registered", "10:232"],
          ["nested", "1"],
          ["module", "kvm_amd"],
        ]),
      });
    },
    patient,
  );
});
