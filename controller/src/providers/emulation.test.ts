import { expect, test } from "@jest/globals";
import { VMClass } from "../api/vm-class.ts";
import { VMImage } from "../api/vm-image.ts";
import { standInImage } from "./emulation.ts";

const apiVersion = "infra.virtrigaud.io/v1beta1";
const image = VMImage.parse({
  apiVersion,
  kind: "VMImage",
  metadata: { name: "i" },
  spec: {
    source: { libvirt: { url: "https://x/a.img" }, vsphere: { templateName: "t" } },
    prepare: { retries: 1 },
  },
});

test.each([
  [{}, "/bios"],
  [{ firmware: "BIOS" }, "/bios"],
  [{ firmware: "UEFI" }, "/uefi"],
  [{ securityProfile: { secureBoot: true } }, "/uefi"],
  [{ securityProfile: { tpmEnabled: true } }, "/uefi"],
  [{ securityProfile: { secureBoot: false, tpmEnabled: false } }, "/bios"],
  [{ performanceProfile: { virtualizationBasedSecurity: true } }, "/uefi"],
])("a VM of class %j boots %s", (spec, path) => {
  const vmClass = VMClass.parse({
    apiVersion,
    kind: "VMClass",
    metadata: { name: "c" },
    spec: { cpu: 1, memory: "1Gi", ...spec },
  });
  const { metadata, spec: found } = standInImage(image, vmClass, { bios: "/bios", uefi: "/uefi" });
  expect([metadata.name, found]).toEqual(["i", { source: { libvirt: { path, format: "qcow2" } } }]);
});
