import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { buildGovc, buildVcsim, govc, startVcsim, type Vcsim, whyUnavailable } from "../index.ts";
import { RawSoap } from "../raw-soap.ts";

const reason =
  (await whyUnavailable(buildVcsim(console.info))) ?? (await whyUnavailable(buildGovc(console.info)));
const suite = reason === undefined ? describe : describe.skip;

suite(`rules the simulator is taught ${reason ?? ""}`, () => {
  let vcsim: Vcsim;
  let soap: RawSoap;
  let pool: string;
  let folder: string;
  beforeAll(async () => {
    vcsim = await startVcsim({ templates: ["ubuntu"], rejectCpuHotAddWithNested: true });
    soap = new RawSoap(vcsim.url, vcsim.certificatePem);
    await soap.login(vcsim.username, vcsim.password);
    pool = (await govc(vcsim, "find", "-i", "/", "-type", "p")).trim().replace("ResourcePool:", "");
    folder = (await govc(vcsim, "find", "-i", "/DC0", "-type", "f", "-name", "vm")).trim();
  });
  afterAll(() => vcsim.stop());

  /** The end of the task that the call answers with: its `info` as XML. */
  const outcome = async (object: string, method: string, parameters: string) => {
    const { body } = await soap.call(object, method, `${parameters}<pool type="ResourcePool">${pool}</pool>`);
    const task = /type="Task">([^<]+)</.exec(body)?.[1] ?? "";
    for (;;) {
      const info = await soap.properties(`Task:${task}`, "info.state", "info.error", "info.result");
      if (/>(success|error)</.test(info)) return info;
      await sleep(10);
    }
  };

  // -force keeps govc from looking for the files itself, so that the server has to answer.
  const create = (name: string) => govc(vcsim, "vm.create", "-force", "-on=false", "-net=DC0_DVPG0", name);
  const clone = (name: string) => govc(vcsim, "vm.clone", "-force", "-on=false", "-vm=ubuntu", name);

  test("a VM's name is unique in its folder", async () => {
    if (vcsim.govmomi === "v0.24.2") return; // accepts duplicates, see govmomi024.go
    const thrice = (call: (name: string) => Promise<string>, name: string) =>
      Promise.allSettled([call(name), call(name), call(name)]);
    for (const racing of [await thrice(create, "created"), await thrice(clone, "cloned")]) {
      expect(racing.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    }
    await expect(create("cloned")).rejects.toThrow("DuplicateName");
    await expect(clone("created")).rejects.toThrow("DuplicateName");
    const vms = (await govc(vcsim, "find", "/", "-type", "m")).trim().split("\n").sort();
    expect(vms).toEqual(["/DC0/vm/cloned", "/DC0/vm/created", "/DC0/vm/ubuntu"]);
  });

  const nested = "<nestedHVEnabled>true</nestedHVEnabled>";
  const hotAdd = "<cpuHotAddEnabled>true</cpuHotAddEnabled>";

  test("CheckVmConfig_Task finds CPU hot add with nesting wrong, and only both", async () => {
    const check = (spec: string) =>
      outcome(
        "VirtualMachineCompatibilityChecker:CompatChecker",
        "CheckVmConfig_Task",
        `<spec>${spec}</spec>`,
      );
    expect(await check(hotAdd + nested)).toMatch(/<error><fault [\w:-]+="CpuHotPlugNotSupported">/);
    expect(await check(hotAdd)).not.toContain("<error>");
    expect(await check(nested)).not.toContain("<error>");
  });

  test("CreateVM_Task fails for CPU hot add with nesting, and only for both", async () => {
    if (vcsim.govmomi === "v0.24.2") return; // only checks, see govmomi024.go
    const create = (name: string, spec: string) => {
      const files = "<files><vmPathName>[LocalDS_0]</vmPathName></files>";
      return outcome(folder, "CreateVM_Task", `<config><name>${name}</name>${files}${spec}</config>`);
    };
    expect(await create("both", hotAdd + nested)).toContain('"CpuHotPlugNotSupported"');
    expect(await create("hot-add", hotAdd)).toContain(">success<");
    expect(await create("nested", nested)).toContain(">success<");
  });
});
