import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import type { Resource } from "./api/kinds.ts";
import { unsupportedFields } from "./api/unsupported.ts";
import { loadManifests } from "./manifest/load.ts";
import { formatProblem } from "./manifest/problem.ts";

const samples = (name: string) => fileURLToPath(new URL(`../../deploy/samples/${name}`, import.meta.url));

async function load(name: string): Promise<Resource[]> {
  const { resources, problems } = await loadManifests([samples(name)]);
  expect(problems.map(formatProblem)).toEqual([]);
  return resources.map(({ resource }) => resource);
}

const names = (resources: readonly Resource[]) =>
  resources.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace}/${name}`).sort();

describe("samples", () => {
  test.each([
    [
      "nested",
      [
        "Provider default/lab-kvm",
        "Provider default/lab-pve",
        "Provider default/my-provider",
        "VMClass default/hypervisor-class",
        "VMClass default/small-hypervisor-class",
        "VMImage default/ubuntu-server-22-04",
        "VirtualMachine default/nested-hypervisor",
        "VirtualMachine default/nested-hypervisor-kvm",
        "VirtualMachine default/nested-hypervisor-pve",
        "VirtualMachine default/small-hypervisor",
      ],
    ],
    [
      "nested-vm-class",
      [
        "Provider virtrigaud-system/my-provider",
        "VMClass virtrigaud-system/nested-vm-class",
        "VMImage virtrigaud-system/windows-server-2022",
        "VirtualMachine virtrigaud-system/vbs-hypervisor",
      ],
    ],
    [
      "pve-in-pve",
      [
        "Provider pve-in-pve/outer-pve",
        "Secret pve-in-pve/pve-node",
        "VMClass pve-in-pve/pve-node",
        "VMImage pve-in-pve/pve-node",
        "VMNetworkAttachment pve-in-pve/lab",
        "VMNetworkAttachment pve-in-pve/outside",
        "VirtualMachine pve-in-pve/inner-pve1",
        "VirtualMachine pve-in-pve/inner-pve2",
        "VirtualMachine pve-in-pve/inner-pve3",
      ],
    ],
    [
      "seed",
      [
        "VMClass default/hypervisor-class",
        "VMClass virtrigaud-system/nested-vm-class",
        "VMImage default/ubuntu-server-22-04",
        "VirtualMachine default/nested-hypervisor",
      ],
    ],
  ])("%s loads whole and asks for nothing that cannot be had", async (name, expected) => {
    const resources = await load(name);
    expect(names(resources)).toEqual(expected);
    expect(resources.flatMap(unsupportedFields)).toEqual([]);
  });

  test("the nested sample differs from the seed's documents in the templates alone", async () => {
    const [nested, seed] = await Promise.all([load("nested"), load("seed")]);
    const of = (resources: readonly Resource[], kind: Resource["kind"], name: string) =>
      resources.find((resource) => resource.kind === kind && resource.metadata.name === name);
    expect(of(nested, "VMClass", "hypervisor-class")).toEqual(of(seed, "VMClass", "hypervisor-class"));
    expect(of(nested, "VirtualMachine", "nested-hypervisor")).toEqual(
      of(seed, "VirtualMachine", "nested-hypervisor"),
    );
    const image = of(nested, "VMImage", "ubuntu-server-22-04");
    if (image?.kind === "VMImage") {
      delete image.spec.source.vsphere;
      delete image.spec.source.proxmox;
    }
    expect(image).toEqual(of(seed, "VMImage", "ubuntu-server-22-04"));
  });
});
