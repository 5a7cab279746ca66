import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  buildGovc,
  buildVcsim,
  govc,
  govcCollect,
  startVcsim,
  type Vcsim,
  whyUnavailable,
} from "../index.ts";

const reason =
  (await whyUnavailable(buildVcsim(console.info))) ?? (await whyUnavailable(buildGovc(console.info)));
const suite = reason === undefined ? describe : describe.skip;

const vmx = (register: string) => register.replaceAll(":", "").at(-1 - 5);
const svm = (register: string) => register.replaceAll(":", "").at(-1 - 2);

async function describeHosts(vcsim: Vcsim) {
  const hosts = (await govc(vcsim, "find", "/", "-type", "h")).trim().split("\n").sort();
  const names = ["capability.nestedHVSupported", "hardware", "config.product.version"];
  return Promise.all(
    hosts.map(async (path) => {
      const found = await govcCollect(vcsim, path, ...names);
      const hardware = found["hardware"] as {
        cpuPkg: { vendor: string; description: string }[];
        cpuFeature: { level: number; ecx: string }[];
        cpuInfo: unknown;
        memorySize: number;
      };
      const ecx = (leaf: number) => hardware.cpuFeature.find(({ level }) => level === (leaf | 0))?.ecx ?? "";
      return {
        nested: found["capability.nestedHVSupported"],
        version: found["config.product.version"],
        vendors: hardware.cpuPkg.map(({ vendor }) => vendor),
        models: new Set(hardware.cpuPkg.map(({ description }) => description.split(/\W/)[0])),
        cpuInfo: hardware.cpuInfo,
        memorySize: hardware.memorySize,
        vmx: vmx(ecx(1)),
        svm: svm(ecx(0x80000001)),
      };
    }),
  );
}

suite(`inventory of the simulated vCenter ${reason ?? ""}`, () => {
  const host = {
    cpuInfo: { numCpuPackages: 2, numCpuCores: 8, numCpuThreads: 16, hz: 2_400_000_000 },
    memorySize: 64 * 2 ** 30,
  };
  const intel = { ...host, vendors: ["intel", "intel"], models: new Set(["Intel"]), vmx: "1", svm: "0" };
  const amd = { ...host, vendors: ["amd", "amd"], models: new Set(["AMD"]), vmx: "0", svm: "1" };

  test.each([
    [{}, [true, true], intel, "8.0.2"],
    [{ nested: false, apiVersion: "6.0" }, [false, false], intel, "6.0.0"],
    [{ nested: "mixed", hosts: 3, cpuVendor: "amd", apiVersion: "7.0" }, [true, false, true], amd, "7.0.2"],
  ] as const)("hosts of %j", async (options, nested, hardware, version) => {
    const vcsim = await startVcsim(options);
    try {
      const hosts = await describeHosts(vcsim);
      expect(hosts).toEqual(nested.map((capable) => ({ ...hardware, nested: capable, version })));
    } finally {
      await vcsim.stop();
    }
  });

  test.each([
    ["6.0", { version: "6.0.0", apiVersion: "6.0" }],
    ["6.5", { version: "6.5.0", apiVersion: "6.5" }],
    ["6.7", { version: "6.7.0", apiVersion: "6.7" }],
    ["7.0", { version: "7.0.2", apiVersion: "7.0.2.0" }],
    ["8.0", { version: "8.0.2", apiVersion: "8.0.2.0" }],
  ] as const)("release %s", async (apiVersion, about) => {
    const vcsim = await startVcsim({ apiVersion });
    try {
      const { content } = await govcCollect(vcsim, "ServiceInstance:ServiceInstance", "content");
      expect(content).toMatchObject({ about: { ...about, productLineId: "vpx", apiType: "VirtualCenter" } });
    } finally {
      await vcsim.stop();
    }
  });

  describe("with templates, datastores, two datacenters and a key provider", () => {
    let vcsim: Vcsim;
    beforeAll(async () => {
      const names = { templates: ["ubuntu", "debian"], datastores: ["fast-ssd", "bulk"] };
      vcsim = await startVcsim({ ...names, datacenters: 2, vms: 1, keyProvider: "native" });
    });
    afterAll(() => vcsim.stop());

    test("every datacenter has them", async () => {
      const paths = (await govc(vcsim, "find", "/", "-type", "m", "-type", "s")).trim().split("\n").sort();
      expect(paths).toEqual(
        ["DC0", "DC1"].flatMap((dc) => [
          `/${dc}/datastore/LocalDS_0`,
          `/${dc}/datastore/bulk`,
          `/${dc}/datastore/fast-ssd`,
          `/${dc}/vm/${dc}_C0_RP0_VM0`,
          `/${dc}/vm/debian`,
          `/${dc}/vm/ubuntu`,
        ]),
      );
    });

    test("all hosts have every datastore", async () => {
      const hosts = (await govc(vcsim, "find", "/", "-type", "h")).trim().split("\n");
      const counts = hosts.map(async (host) => {
        const { datastore } = await govcCollect(vcsim, host, "datastore");
        return (datastore as unknown[]).length;
      });
      expect(await Promise.all(counts)).toEqual([3, 3, 3, 3]);
    });

    test("a template is powered off, EFI, with one disk and one NIC", async () => {
      const names = ["config.template", "config.firmware", "config.version", "runtime.powerState"];
      expect(await govcCollect(vcsim, "/DC1/vm/ubuntu", ...names, "config.hardware.device")).toEqual({
        "config.template": true,
        "config.firmware": "efi",
        "config.version": "vmx-21",
        "runtime.powerState": "poweredOff",
        "config.hardware.device": expect.arrayContaining([
          expect.objectContaining({
            capacityInBytes: 20 * 2 ** 30,
            backing: expect.objectContaining({
              thinProvisioned: true,
              fileName: "[LocalDS_0] ubuntu/disk1.vmdk",
            }),
          }),
          expect.objectContaining({
            macAddress: expect.stringMatching(/^00:0c:29:/),
            connectable: expect.anything(),
          }),
        ]),
      });
    });

    test("the key provider is the default one", async () => {
      const { kmipServers } = await govcCollect(vcsim, "CryptoManagerKmip:CryptoManager", "kmipServers");
      expect(kmipServers).toEqual([
        { clusterId: { id: "native" }, useAsDefault: true, managementType: "nativeProvider" },
      ]);
    });

    test("a cluster's totals are those of its hosts", async () => {
      const { summary } = await govcCollect(vcsim, "/DC0/host/DC0_C0", "summary");
      expect(summary).toMatchObject({
        totalCpu: 38_400,
        effectiveCpu: 38_400,
        effectiveMemory: 131_072,
        numHosts: 2,
      });
    });
  });

  test("without a key provider there is none", async () => {
    const vcsim = await startVcsim();
    try {
      const { kmipServers } = await govcCollect(vcsim, "CryptoManagerKmip:CryptoManager", "kmipServers");
      expect(kmipServers ?? []).toEqual([]);
    } finally {
      await vcsim.stop();
    }
  });
});
