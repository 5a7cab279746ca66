import { describe, expect, test } from "@jest/globals";
import { Feature, VMSpec } from "@virtrigaud/proto";
import { Provider } from "../../api/provider.ts";
import { VMImage } from "../../api/vm-image.ts";
import { imageOf } from "../../translate/image.ts";
import { imageOrder, importObstacle } from "./order.ts";

const apiVersion = "infra.virtrigaud.io/v1beta1";
const url = "https://images.example/a.qcow2";
const FEATURES = new Set([Feature.IMAGE_PREPARE]);

function imageFrom(source: object, prepare: object): VMImage {
  return VMImage.parse({ apiVersion, kind: "VMImage", metadata: { name: "i" }, spec: { source, prepare } });
}

function order(type: string, source: object, { features = FEATURES, prepare = {} } = {}) {
  const image = imageFrom(source, prepare);
  const provider = Provider.parse({
    apiVersion,
    kind: "Provider",
    metadata: { name: "p" },
    spec: { type, endpoint: "https://x", credentialSecretRef: { name: "s" } },
  });
  const spec = VMSpec.create({ image: imageOf(image), disks: [{ name: "root", storageClass: "fast" }] });
  return imageOrder(spec, image, provider, features);
}

describe("what is ordered", () => {
  test.each<[string, object, boolean]>([
    ["vsphere", { vsphere: { templateName: "t" }, http: { url } }, false],
    ["vsphere", { vsphere: { contentLibrary: { library: "l", item: "i" } }, http: { url } }, false],
    ["vsphere", { vsphere: { ovaURL: "https://images.example/a.ova" } }, true],
    ["vsphere", { libvirt: { url } }, false],
    ["vsphere", { http: { url } }, true],
    ["libvirt", { libvirt: { path: "/p/a.qcow2" }, http: { url } }, true],
    ["libvirt", { libvirt: { url } }, true],
    ["libvirt", { libvirt: { storagePool: "fast" }, http: { url } }, true],
    ["libvirt", { vsphere: { templateName: "t" } }, false],
    ["proxmox", { proxmox: { templateID: 100 }, http: { url } }, false],
    ["proxmox", { proxmox: { templateName: "t" }, http: { url } }, false],
    ["proxmox", { proxmox: { storage: "s" }, http: { url } }, true],
  ])("on %s from %j: %s", (type, source, expected) => {
    expect(order(type, source) !== undefined).toBe(expected);
  });

  test("nothing from a provider that prepares no images", () => {
    expect(order("libvirt", { libvirt: { url } }, { features: new Set() })).toBeUndefined();
  });

  test.each([
    [{}, {}, { timeoutMs: 1_800_000, retries: 3 }],
    [{}, { timeout: "5m", retries: 0 }, { timeoutMs: 300_000, retries: 0 }],
    [{ timeout: "1m" }, {}, { timeoutMs: 60_000, retries: 3 }],
    [{ timeout: "1m" }, { timeout: "5m" }, { timeoutMs: 300_000, retries: 3 }],
  ])("within the times of the image: http %j, prepare %j", (http, prepare, expected) => {
    expect(order("libvirt", { http: { url, ...http } }, { prepare })).toMatchObject({
      ...expected,
      request: { image: { name: "i", url: { url } }, storageClass: "fast" },
    });
  });

  test.each([
    ["libvirt", "Fail", 1],
    ["libvirt", "Wait", 1],
    ["libvirt", "Import", 0],
    ["vsphere", "Fail", 0],
    ["libvirt file", "Fail", 0],
  ])("on %s with onMissing %s meets %d obstacles", (where, onMissing, count) => {
    const [type = "", file] = where.split(" ");
    const source = {
      libvirt: file === undefined ? { url } : { path: "/p/a.qcow2" },
      vsphere: { templateName: "t" },
    };
    const image = imageFrom(source, { onMissing });
    const obstacles = importObstacle(order(type, source, { prepare: { onMissing } }), image);
    expect(obstacles.map(({ reason }) => reason)).toEqual(Array(count).fill("UnsupportedField"));
  });

  test("with the checksum, unless the image says not to check it", () => {
    const libvirt = { url, checksum: "a".repeat(64) };
    const checksum = (prepare: object) =>
      order("libvirt", { libvirt }, { prepare })?.request.image?.libvirt?.url?.checksum;
    expect([checksum({}), checksum({ validateChecksum: false })]).toEqual(["a".repeat(64), ""]);
  });
});
