import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { View } from "@virtrigaud/proto";
import { startSoapProxy, startVcsim, startVsphereProvider, type Vcsim } from "@virtrigaud/test-tools";
import { vrtg } from "../vrtg.ts";
import { describeWhere, stock, vcsimMissing } from "./simulated-vcenter.ts";

const sample = ["class", "image", "provider", "vm"].flatMap((name) => [
  "-f",
  `deploy/samples/nested/${name}.yaml`,
]);

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "virtrigaud-vrtg-"));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

describeWhere(vcsimMissing, "vrtg on the embedded simulated vCenter", () => {
  test("up --once brings the nested sample up and says what is and is not known", async () => {
    const { code, stdout } = await vrtg(
      "up",
      ...sample,
      "--simulate",
      "--once",
      "--state",
      join(scratch, "state"),
    ).ended;
    expect(code).toBe(0);
    const row = stdout.split("\n").find((line) => line.startsWith("default/nested-hypervisor"));
    expect(row?.split(/ {2,}/)).toEqual([
      "default/nested-hypervisor",
      "my-provider (vsphere, simulated)",
      "Running",
      "On",
      "true",
      "true",
      "true",
      "unknown",
      "config.nestedHVEnabled",
    ]);
    expect(stdout).toContain("not verified: this vCenter is a simulator");
  }, 60_000);

  test("plan prints the exact ConfigSpec and the outcome of every knob, and no secret", async () => {
    const { code, stdout } = await vrtg("plan", ...sample, "--simulate").ended;
    expect(code).toBe(0);
    expect(stdout).toContain("<nestedHVEnabled>true</nestedHVEnabled>");
    expect(stdout).toMatch(/nested virtualization +applied +config\.nestedHVEnabled +true/);
    expect(stdout).toMatch(/memory reservation +applied +config\.memoryAllocation\.reservation +8192 MB/);
    expect(stdout).not.toContain("virt-manager");
  }, 60_000);

  test("a manifest that is wrong is refused by file, document and field, before anything is done", async () => {
    const file = join(scratch, "wrong.yaml");
    await writeFile(
      file,
      "apiVersion: infra.virtrigaud.io/v1beta1\nkind: VMClass\nmetadata: {name: a}\nspec: {cpu: 4, memory: 8Gi}\n---\n" +
        "apiVersion: infra.virtrigaud.io/v1beta1\nkind: VMClass\nmetadata: {name: b}\nspec:\n  cpu: eight\n  memory: 8Gi\n  performanceProfile: {nestedVirtualisation: true}\n",
    );
    const { code, stdout, stderr } = await vrtg(
      "up",
      "-f",
      file,
      "--simulate",
      "--once",
      "--state",
      join(scratch, "state"),
    ).ended;
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(
      /wrong\.yaml:10:3 \(document 2, VMClass default\/b\) spec\.cpu: expected/,
    );
    expect(stdout + stderr).toMatch(/nestedVirtualisation.*nestedVirtualization/s);
  }, 60_000);
});

describeWhere(vcsimMissing, "vrtg on a vCenter of its own", () => {
  let vcsim: Vcsim;
  beforeAll(async () => {
    vcsim = await startVcsim(stock);
  }, 180_000);
  afterAll(() => vcsim.stop());

  /** The sample's class and image with a VM and a Provider that point at `url`; answers the arguments that select them. */
  async function manifests(url: string): Promise<string[]> {
    const folder = join(scratch, "manifests");
    const credentials = join(scratch, "credentials", "vcenter-credentials");
    await mkdir(folder);
    await mkdir(credentials, { recursive: true });
    await writeFile(join(credentials, "username"), vcsim.username);
    await writeFile(join(credentials, "password"), vcsim.password);
    await writeFile(join(credentials, "ca.crt"), vcsim.certificatePem);
    const resource = (kind: string, name: string, spec: object) =>
      JSON.stringify({ apiVersion: "infra.virtrigaud.io/v1beta1", kind, metadata: { name }, spec });
    await writeFile(
      join(folder, "all.yaml"),
      [
        resource("Provider", "vcenter", {
          type: "vsphere",
          endpoint: url,
          credentialSecretRef: { name: "vcenter-credentials" },
        }),
        resource("VMImage", "ubuntu", { source: { vsphere: { templateName: "ubuntu-22.04" } } }),
        resource("VMClass", "nested", {
          cpu: 4,
          memory: "8Gi",
          firmware: "UEFI",
          performanceProfile: { nestedVirtualization: true },
        }),
        resource("VirtualMachine", "lab", {
          providerRef: { name: "vcenter" },
          classRef: { name: "nested" },
          imageRef: { name: "ubuntu" },
          powerState: true,
        }),
      ].join("\n---\n"),
    );
    return ["-f", folder, "--state", join(scratch, "state"), "--credentials", join(scratch, "credentials")];
  }

  /** Every VM that there is, as an independent daemon sees it. */
  async function everyVm(): Promise<string[]> {
    const provider = await startVsphereProvider(vcsim);
    const { vms } = await provider.connection.listVMs({
      pageSize: 1000,
      pageToken: "",
      view: View.BASIC,
      includeUnowned: true,
    });
    await provider.stop();
    return vms.map(({ name, powerState, nested }) => `${name} ${powerState} nested=${nested?.configured}`);
  }

  test("up, again, killed in the middle and again: one VM; delete leaves none", async () => {
    let kill = () => {};
    const proxy = await startSoapProxy({
      target: vcsim,
      onCall: ({ method }) => {
        if (method === "CloneVM_Task") kill();
        return "pass";
      },
    });
    try {
      const selection = await manifests(proxy.url);
      const first = vrtg("up", ...selection, "--once");
      kill = () => first.child.kill("SIGKILL");
      await first.ended;
      kill = () => {};

      const second = await vrtg("up", ...selection, "--once").ended;
      expect({ code: second.code, output: second.stderr }).toMatchObject({ code: 0 });
      const one = ["lab POWER_STATE_ON nested=TRISTATE_TRUE"];
      expect(await everyVm()).toEqual(one);

      const before = proxy.calls.filter(({ method }) => method === "CloneVM_Task").length;
      expect((await vrtg("up", ...selection, "--once").ended).code).toBe(0);
      expect(await everyVm()).toEqual(one);
      expect(proxy.calls.filter(({ method }) => method === "CloneVM_Task")).toHaveLength(before);

      expect((await vrtg("delete", ...selection).ended).code).toBe(0);
      expect(await everyVm()).toEqual([]);
    } finally {
      await proxy.close();
    }
  }, 120_000);
});
