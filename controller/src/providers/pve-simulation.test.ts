import { expect, test } from "@jest/globals";
import { VirtualMachine } from "../api/virtual-machine.ts";
import { VMImage } from "../api/vm-image.ts";
import { pveStock } from "./pve-simulation.ts";

const apiVersion = "infra.virtrigaud.io/v1beta1";
const image = (name: string, source: object) =>
  VMImage.parse({ apiVersion, kind: "VMImage", metadata: { name }, spec: { source } });
const vm = (host: string) =>
  VirtualMachine.parse({
    apiVersion,
    kind: "VirtualMachine",
    metadata: { name: "v" },
    spec: {
      providerRef: { name: "p" },
      classRef: { name: "c" },
      imageRef: { name: "i" },
      placement: { host },
    },
  });

test("a simulated cluster has what the manifests name", () => {
  expect(pveStock([])).toEqual({ nodes: ["pve1"], templates: [] });
  const resources = [
    image("a", { proxmox: { templateName: "debian", node: "n2" } }),
    image("b", { proxmox: { templateID: 9000 } }),
    image("c", { proxmox: { templateID: 120, templateName: "fedora" } }),
    image("d", { proxmox: { templateName: "ubuntu" } }),
    image("again", { proxmox: { templateName: "fedora" } }),
    image("e", { vsphere: { templateName: "windows" } }),
    vm("n1"),
    vm("n2"),
  ];
  expect(pveStock(resources)).toEqual({
    nodes: ["n1", "n2"],
    templates: [
      { vmid: 9000, name: "b" },
      { vmid: 120, name: "fedora" },
      { vmid: 9001, name: "debian" },
      { vmid: 9002, name: "ubuntu" },
    ],
  });
});
