import { afterAll, describe, expect, test } from "@jest/globals";
import { type Answers, startFakeLibvirtd } from "../testing/fake-libvirtd.ts";
import { FakeRefusal } from "../testing/fake-refusal.ts";
import { ErrorCode, Libvirt } from "../client/index.ts";
import { anyCall } from "../testing/probed-host.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { contractVersion, providerVersion } from "../version.ts";
import { getInfo } from "./get-info.ts";

const always = { provider: "libvirt", version: providerVersion, contractVersion };
const silent = { hypervisorType: "", hypervisorVersion: "", hypervisorApiVersion: "" };

async function ask(uri: string) {
  const libvirt = new Libvirt({ uri });
  try {
    return await getInfo({ libvirt, endpoint: uri })({}, anyCall());
  } finally {
    libvirt.close();
  }
}

describe("by what libvirtd says", () => {
  const qemu: Answers = {
    connectGetType: () => ({ type: "QEMU" }),
    connectGetLibVersion: () => ({ version: 9_000_000n }),
    connectGetVersion: () => ({ version: 7_002_022n }),
  };
  const noQemu = () => {
    throw new FakeRefusal(ErrorCode.INTERNAL_ERROR, "Cannot find suitable emulator for x86_64");
  };
  const versions = { hypervisorType: "QEMU", hypervisorVersion: "7.2.22", hypervisorApiVersion: "9.0.0" };
  test.each<[string, Answers, object]>([
    ["QEMU", qemu, { ...versions, simulated: false }],
    [
      "libvirtd without QEMU",
      { ...qemu, connectGetVersion: noQemu },
      { ...versions, hypervisorVersion: "", simulated: false },
    ],
    [
      "another driver",
      { ...qemu, connectGetType: () => ({ type: "Test" }) },
      { ...versions, hypervisorType: "Test", simulated: true },
    ],
  ])("%s", async (_, answers, expected) => {
    const fake = await startFakeLibvirtd({ answers });
    try {
      expect(await ask(fake.uri)).toEqual({ ...always, endpoint: fake.uri, ...expected });
    } finally {
      await fake.stop();
    }
  });

  test("of one that hangs nothing, before a caller loses patience", async () => {
    const fake = await startFakeLibvirtd({ answers: qemu });
    try {
      fake.freeze();
      expect(await ask(fake.uri)).toEqual({ ...always, endpoint: fake.uri, ...silent });
    } finally {
      await fake.stop();
    }
  }, 10_000);
});

test("of one that is not there nothing", async () => {
  const uri = "qemu+unix:///system?socket=/nonexistent";
  expect(await ask(uri)).toEqual({ ...always, endpoint: uri, ...silent });
});

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? test : test.skip)(`a real one ${reason ?? ""}`, async () => {
  const version = expect.stringMatching(/^\d+\.\d+\.\d+$/) as never;
  expect(await ask(daemon().uri)).toEqual({
    ...always,
    hypervisorType: "QEMU",
    hypervisorVersion: version,
    hypervisorApiVersion: version,
    endpoint: daemon().uri,
    simulated: false,
  });
});
