import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFixture, runConformance } from "@virtrigaud/conformance";
import { type ProviderDaemon, startVcsim, startVsphereProvider, type Vcsim } from "@virtrigaud/test-tools";
import { describeWhere, stock, vcsimMissing } from "./simulated-vcenter.ts";

const fixtureFile = fileURLToPath(new URL("../../../conformance/fixtures/vsphere.yaml", import.meta.url));

describeWhere(vcsimMissing, "the conformance suite on the vSphere provider", () => {
  let vcsim: Vcsim;
  let provider: ProviderDaemon;
  beforeAll(async () => {
    vcsim = await startVcsim({ ...stock, vms: 1 });
    provider = await startVsphereProvider(vcsim);
  }, 180_000);
  afterAll(async () => {
    await provider.stop();
    await vcsim.stop();
  });

  test("every case passes, or is about a feature that this version does not have", async () => {
    const fixture = { ...(await readFixture(fixtureFile)), foreignVm: "DC0_C0_RP0_VM0" };
    const { results } = await runConformance({ connection: provider.connection, fixture });
    const failed = results.filter(({ outcome }) => outcome === "FAIL");
    expect(failed.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    const skipped = results.filter(({ outcome }) => outcome === "SKIP").map(({ id }) => id);
    expect(skipped.sort()).toEqual([
      "adopt",
      "clone",
      "console",
      "nested-guard",
      "prepare-image",
      "reconfigure",
      "snapshots",
      "usage",
      "watch-changes",
      "watch-heartbeat",
      "watch-resume",
    ]);
  }, 300_000);
});
