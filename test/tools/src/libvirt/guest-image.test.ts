import { afterEach, describe, expect, test } from "@jest/globals";

import { whyMissing } from "../debian/missing.ts";
import { ensureDebianPackages } from "../debian/packages.ts";
import { buildGuestImage } from "./guest-image.ts";
import type { Firmware } from "./image/boot-disk.ts";
import { bootPlainMachine, type PlainMachine } from "./plain-qemu.ts";

const reason =
  (await whyMissing(ensureDebianPackages(["ovmf"], console.info))) ??
  (await whyMissing(buildGuestImage({ firmware: "bios" }, console.info))) ??
  (await whyMissing(buildGuestImage({ firmware: "uefi" }, console.info)));
const suite = reason === undefined ? describe : describe.skip;

suite(`guest image ${reason ?? ""}`, () => {
  let machine: PlainMachine | undefined;
  afterEach(async () => {
    await machine?.stop();
    machine = undefined;
  });

  const boot = async (firmware: Firmware, cpu: string) => {
    const image = await buildGuestImage({ firmware });
    machine = await bootPlainMachine({ image, firmware, cpu, signal: AbortSignal.timeout(120_000) });
    return machine.agent;
  };
  const facts = `
    grep -qw svm /proc/cpuinfo && echo svm
    [ -c /dev/kvm ] && echo character device
    cat /sys/module/kvm_amd/parameters/nested
    /usr/lib/virtrigaud/l2-proof`;

  test.each<[Firmware]>([["bios"], ["uefi"]])(
    "hosts a virtual machine itself, booted by %s",
    async (firmware) => {
      const agent = await boot(firmware, "qemu64,+svm,+npt");
      expect(await agent.shell(facts)).toEqual({
        code: 0,
        stdout: "svm\ncharacter device\n1\nhello from an L2 guest\n",
        stderr: "",
      });
    },
    120_000,
  );

  test("without svm there is nothing to host one with", async () => {
    const agent = await boot("bios", "qemu64,-svm");
    expect(await agent.shell(facts)).toEqual({
      code: 1,
      stdout: "",
      stderr: [
        "cat: can't open '/sys/module/kvm_amd/parameters/nested': No such file or directory",
        "l2-proof: /dev/kvm: No such file or directory",
        "",
      ].join("\n"),
    });
  }, 120_000);
});
