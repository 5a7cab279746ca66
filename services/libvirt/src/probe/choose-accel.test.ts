import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Libvirt } from "../client/index.ts";
import { intel, tcg } from "../mapping/testing/sample-hosts.ts";
import { type FakeHost, startFakeHost } from "../testing/fake-host.ts";
import { type Accel, type ChosenAccel, chooseAccel } from "./choose-accel.ts";

const never = { signal: new AbortController().signal };
const offered = intel().host;
const emulationOnly = tcg().host;
const flags = (...cpuFlags: string[]) => ({ cpuFlags: new Set(cpuFlags) });
const ran: ChosenAccel = { accel: "kvm", why: "a canary guest ran under it", kvmBoots: true };
const softwareKvm: ChosenAccel = {
  accel: "tcg",
  why: "libvirt offers KVM, but the CPU has neither vmx nor svm for it",
};

let host: FakeHost;
let libvirt: Libvirt;
beforeEach(async () => {
  host = await startFakeHost({ capabilities: "", guestsEnd: { afterMs: 1_000 } });
  libvirt = new Libvirt({ uri: host.fake.uri });
});
afterEach(async () => {
  libvirt.close();
  await host.fake.stop();
});

test.each<[string, Accel, Parameters<typeof chooseAccel>[2], ChosenAccel, number]>([
  ["Intel's KVM", "auto", { host: offered, readings: flags("vmx") }, ran, 1],
  ["AMD's KVM", "auto", { host: offered, readings: flags("svm") }, ran, 1],
  ["KVM on a CPU that is not told", "auto", { host: offered, readings: {} }, ran, 1],
  ["KVM by software", "auto", { host: offered, readings: flags("hypervisor") }, softwareKvm, 0],
  [
    "no KVM",
    "auto",
    { host: emulationOnly, readings: flags("vmx") },
    { accel: "tcg", why: "libvirt offers no KVM" },
    0,
  ],
  [
    "the operator's kvm, whatever is there",
    "kvm",
    { host: emulationOnly, readings: flags() },
    { accel: "kvm", why: "set by Provider.spec.accel" },
    0,
  ],
  [
    "the operator's tcg",
    "tcg",
    { host: offered, readings: flags("vmx") },
    { accel: "tcg", why: "set by Provider.spec.accel" },
    0,
  ],
])("%s", async (_, wanted, seen, expected, canaries) => {
  expect(await chooseAccel(libvirt, wanted, seen, never)).toEqual(expected);
  expect(host.fake.calls.filter((name) => name === "domainCreateXml")).toHaveLength(canaries);
});
