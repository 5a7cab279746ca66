import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFixture, runConformance } from "@virtrigaud/conformance";
import { type Pve, startPve } from "@virtrigaud/fakes";
import { Pve as Client } from "@virtrigaud/provider-proxmox/client";
import { type ProviderDaemon, startProxmoxProvider } from "@virtrigaud/test-tools";

const fixtureFile = fileURLToPath(new URL("../../../conformance/fixtures/proxmox.yaml", import.meta.url));

describe("the conformance suite on the Proxmox VE provider", () => {
  let pve: Pve;
  let provider: ProviderDaemon;
  beforeAll(async () => {
    pve = await startPve({
      version: "9.2",
      nodes: [{ name: "pve1" }, { name: "pve2" }],
      templates: [{ vmid: 9000, name: "debian-13" }],
    });
    await makeForeignVm(pve);
    provider = await startProxmoxProvider(pve, { settings: { defaults: { datastore: "local-lvm" } } });
  }, 60_000);
  afterAll(async () => {
    await provider.stop();
    await pve.stop();
  });

  test("every case passes", async () => {
    const fixture = readFixture(fixtureFile);
    // VMIDs are given again: one case would take another's VM for the one that it deleted.
    const { results } = await runConformance({ connection: provider.connection, fixture, parallel: 1 });
    const failed = results.filter(({ outcome }) => outcome === "FAIL");
    expect(failed.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    const skipped = results.filter(({ outcome }) => outcome === "SKIP").map(({ id }) => id);
    expect(skipped.sort()).toEqual([]);
  }, 400_000);
});

async function makeForeignVm({ url, fingerprint, token }: Pve): Promise<void> {
  const client = new Client({
    endpoint: url,
    trust: { mode: "fingerprint", sha256: fingerprint },
    credentials: async () => ({ kind: "token", ...token }),
  });
  await client.api().nodes.$("pve1").qemu.$post({ vmid: 500, name: "legacy-db", memory: "64" });
  await client.close();
}
