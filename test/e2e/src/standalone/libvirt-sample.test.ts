import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { buildGuestImage, startPrivateLibvirtd, whyMissing } from "@virtrigaud/test-tools";
import { vrtg } from "../vrtg.ts";

const missing =
  (await whyMissing(buildGuestImage({ firmware: "bios" }))) ??
  (await whyMissing(startPrivateLibvirtd().then((libvirtd) => libvirtd.stop())));

const sample = ["class", "image", "libvirt"].flatMap((name) => ["-f", `deploy/samples/nested/${name}.yaml`]);

let scratch = "";
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "virtrigaud-libvirt-sample-"));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** Cells of a VM's row, from its phase on. */
const row = (stdout: string, vm: string) =>
  stdout
    .split("\n")
    .find((line) => line.startsWith(`default/${vm} `))
    ?.split(/ {2,}/)
    .slice(1);

(missing === undefined ? describe : describe.skip)(`vrtg on a private libvirtd ${missing ?? ""}`, () => {
  test("up --once: the small VM runs VMs itself, the big one is defined and off", async () => {
    const state = ["--state", join(scratch, "state")];
    const { code, stdout, stderr } = await vrtg("up", ...sample, "--simulate", "--once", ...state).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const provider = "lab-kvm (libvirt, private libvirtd, emulated)";
    const mechanism = "domain/cpu/feature";
    expect(row(stdout, "small-hypervisor")).toEqual([
      ...[provider, "Running", "On", "true", "true", "true", "true", mechanism],
    ]);
    expect(row(stdout, "nested-hypervisor-kvm")).toEqual([
      ...[provider, "Stopped", "Off", "true", "true", "true", "unknown", mechanism],
    ]);
    expect(stdout).toMatch(/\n {2}\/dev\/kvm: character device 10,232/);
    expect(stdout).toContain("hello from an L2 guest");
  }, 180_000);

  test("plan shows the domain that would be defined", async () => {
    const { code, stdout } = await vrtg("plan", ...sample, "--simulate").ended;
    expect(code).toBe(0);
    expect(stdout.match(/would be made$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/<feature policy="require" name="svm" ?\/>/);
  }, 120_000);
});
