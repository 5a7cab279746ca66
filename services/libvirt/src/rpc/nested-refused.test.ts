import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { NestedPolicy, VMSpec } from "@virtrigaud/proto";
import { ErrorCode, Libvirt } from "../client/index.ts";
import { Host } from "../host.ts";
import { testdata } from "../mapping/testing/testdata.ts";
import { type FakeHost, startFakeHost } from "../testing/fake-host.ts";
import { FakeRefusal } from "../testing/fake-refusal.ts";
import { anyCall } from "../testing/probed-host.ts";
import { createVm } from "./create-vm.ts";

describe("on an Intel host with nesting switched off", () => {
  let fake: FakeHost;
  let host: Host;
  afterEach(async () => {
    await host.close();
    await fake.fake.stop();
  });

  async function start(): Promise<void> {
    fake = await startFakeHost({
      capabilities: testdata("capabilities-intel.xml"),
      domainCapabilities: testdata("domcaps-kvm-intel-flat.xml"),
      expandedCpu: "<cpu><model>Skylake</model><feature policy='require' name='ss'/></cpu>",
      more: {
        domainLookupByUuid: () => {
          throw new FakeRefusal(ErrorCode.NO_DOMAIN, "Domain not found");
        },
        connectListAllStoragePools: () => ({ pools: [], count: 0 }),
        connectListAllNetworks: () => ({ networks: [], count: 0 }),
        nodeGetMemoryStats: () => ({ stats: [{ field: "free", value: 2n ** 26n }], count: 1 }),
      },
    });
    host = new Host(new Libvirt({ uri: fake.fake.uri }), {
      settings: { storageClasses: {}, cpuMode: "host-model" },
      accel: "kvm",
      // Over TLS, so that this machine's files do not speak for the fake.
      endpoint: "qemu+tls://fake-1/system",
      allowedImageHosts: [],
    });
  }
  const create = (policy: NestedPolicy) => {
    const spec = VMSpec.fromPartial({
      name: "nested-1",
      cpus: 1,
      memoryBytes: 2 ** 28,
      nestedVirtualization: { policy },
    });
    return createVm(host)({ uid: randomUUID(), spec, controllerId: "test" }, anyCall());
  };

  test("a VM that requires nesting is refused with the knob, and nothing is made", async () => {
    await start();
    await expect(create(NestedPolicy.REQUIRED)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: "NESTED_UNSUPPORTED",
      message: expect.stringMatching(/options kvm-intel nested=1/),
    });
    const made = fake.fake.calls.filter((name) => /define|create(?!d)|upload/i.test(name));
    expect(made).toEqual([]);
  });

  test("one that does not is defined", async () => {
    await start();
    // The fake is too old to define: that it is asked to is enough.
    await expect(create(NestedPolicy.DISABLED)).rejects.not.toMatchObject({ reason: "NESTED_UNSUPPORTED" });
    expect(fake.fake.calls).toContain("domainDefineXmlFlags");
  });
});
