import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { EnsureState, PowerAction } from "@virtrigaud/proto";
import { govc, startVcsim, type Vcsim } from "@virtrigaud/test-tools";
import { create, describeOnVcsim, names, power, remove } from "../testing/lab.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { spec } from "../testing/sample-vm.ts";

const gib = 1024 ** 3;
const disks = [
  { name: "root", sizeBytes: gib },
  { name: "data", sizeBytes: gib },
];

describeOnVcsim("DeleteVM", () => {
  let vcsim: Vcsim;
  let provider: TestProvider;
  beforeAll(async () => {
    vcsim = await startVcsim();
    provider = await startProvider(vcsim);
  });
  afterAll(async () => {
    await provider?.stop();
    await vcsim?.stop();
  });
  const files = async (folder: string) =>
    (await govc(vcsim, "datastore.ls", "-ds=LocalDS_0", folder)).trim().split("\n");

  test("powers off, then removes; once more there is nothing to do", async () => {
    const uid = randomUUID();
    await create(provider.connection, spec({ name: "gone", disks }), uid);
    await power(provider.connection, uid, PowerAction.ON);
    expect(await remove(provider.connection, uid)).toEqual(["power off", "delete VM"]);
    expect(await names(provider.connection)).toEqual([]);
    await expect(files("gone")).rejects.toThrow(/not found/);
    expect(await remove(provider.connection, uid)).toEqual([]);
  });

  test("keeps the disks that shall stay, and says where they are", async () => {
    const uid = randomUUID();
    await create(provider.connection, spec({ name: "kept", disks }), uid);
    await power(provider.connection, uid, PowerAction.ON);
    expect(await remove(provider.connection, uid, true)).toEqual([
      "power off",
      "detach the disks that stay: [LocalDS_0] kept/kept.vmdk, [LocalDS_0] kept/kept_1.vmdk",
      "delete VM",
    ]);
    expect(await names(provider.connection)).toEqual([]);
  });

  test("by several at the same time is the same", async () => {
    const uid = randomUUID();
    await create(provider.connection, spec({ name: "raced" }), uid);
    await Promise.all([1, 2, 3, 4].map(() => remove(provider.connection, uid)));
    expect(await names(provider.connection)).toEqual([]);
  });

  test("of a VM that was removed meanwhile is complete", async () => {
    const uid = randomUUID();
    await create(provider.connection, spec({ name: "meanwhile" }), uid);
    await govc(vcsim, "vm.destroy", "meanwhile");
    const answer = await provider.connection.deleteVm({ uid, retainDisks: false });
    expect(answer).toEqual({ state: EnsureState.COMPLETE, operation: undefined });
  });
});
