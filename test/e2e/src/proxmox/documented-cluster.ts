import { afterEach } from "@jest/globals";
import { provingGuest, type PveVersion, startPve } from "@virtrigaud/fakes";
import type { ProviderConnection } from "@virtrigaud/kit/client";
import { startProxmoxProvider } from "@virtrigaud/test-tools";
import { asAccessList, privilegesFor } from "./documented-privileges.ts";
import { sampleLife, sampleSpec, sampleTemplate } from "./sample-life.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/**
 * A simulated cluster, and the daemon in front of it with a token that has the documented privileges and no others, both for one test. What is
 * changed in `privileges` holds at once.
 */
export async function startDocumented(version: PveVersion) {
  const privileges = asAccessList(privilegesFor(version));
  const pve = await startPve({
    version,
    templates: [sampleTemplate],
    users: [{ id: "virtrigaud@pve", password: "unused", privileges }],
    tokens: [{ id: "virtrigaud@pve!lab" }],
    guest: provingGuest(),
  });
  closers.push(() => pve.stop());
  const settings = {
    defaults: { storage: "local-lvm" },
    storageClasses: { "fast-ssd": { storage: "local-lvm" } },
  };
  const { connection, stop } = await startProxmoxProvider(pve, { settings });
  closers.push(stop);
  return { pve, connection, privileges };
}

/** The sample's life as far as a version goes: virtual IOMMUs came with 8.2. */
export const lifeOn = (version: PveVersion, connection: ProviderConnection) =>
  sampleLife(connection, sampleSpec({ hasIommu: Number(version) >= 8.2 }));
