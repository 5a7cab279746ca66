import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { Provider } from "../api/provider.ts";
import { loadManifests } from "../manifest/load.ts";
import { simulatedProvider, simulatorStock } from "./simulation.ts";

test("a simulator is stocked with the templates and storage that the manifests name", async () => {
  const path = fileURLToPath(new URL("../../../deploy/samples/nested", import.meta.url));
  const { resources } = await loadManifests([path]);
  expect(simulatorStock(resources.map(({ resource }) => resource))).toEqual({
    templates: ["ubuntu-22.04"],
    datastores: ["fast-ssd"],
  });
});

test("a simulated Provider keeps what a simulator can have and leaves the rest to it", () => {
  const provider = Provider.parse({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind: "Provider",
    metadata: { name: "lab" },
    spec: {
      type: "vsphere",
      endpoint: "https://vc.example",
      insecureSkipVerify: true,
      credentialSecretRef: { name: "vc" },
      defaults: { datastore: "ds", cluster: "c1", folder: "vms", network: "prod" },
      storageClasses: { fast: { datastore: "ssd" }, gold: { policy: "Gold" } },
      naming: "x-{name}",
    },
  });
  expect(simulatorStock([provider])).toEqual({ templates: [], datastores: ["ds", "ssd"] });
  expect(simulatedProvider(provider, "https://127.0.0.1:1/sdk").spec).toEqual({
    type: "vsphere",
    endpoint: "https://127.0.0.1:1/sdk",
    insecureSkipVerify: false,
    credentialSecretRef: { name: "vc" },
    defaults: { datastore: "ds", folder: "vms" },
    storageClasses: { fast: { datastore: "ssd" } },
    naming: "x-{name}",
  });
});
