import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { untilComplete } from "@virtrigaud/kit/client";
import { CreateVMRequest } from "@virtrigaud/proto";
import {
  govcCollect,
  grpcurl,
  startVcsim,
  type Vcsim,
  type ProviderDaemon,
  startVsphereProvider,
} from "@virtrigaud/test-tools";
import { createRequest } from "../specs.ts";
import { describeWhere, govcMissing, grpcurlMissing, stock, vcsimMissing } from "./simulated-vcenter.ts";

const service = "virtrigaud.provider.v1.Provider";

describeWhere(vcsimMissing ?? govcMissing, "govmomi's client reads back what was really stored", () => {
  let vcsim: Vcsim;
  let provider: ProviderDaemon;
  beforeAll(async () => {
    vcsim = await startVcsim(stock);
    provider = await startVsphereProvider(vcsim);
  }, 180_000);
  afterAll(async () => {
    await provider.stop();
    await vcsim.stop();
  });

  test.each(["blank", "template"] as const)("of the seed's example made from %s", async (from) => {
    const request = createRequest(`independent-${from}`, from);
    const { vm } = await untilComplete(provider.connection, (options) =>
      provider.connection.createVm(request, options),
    );
    const stored = await govcCollect(
      vcsim,
      `VirtualMachine:${vm?.id}`,
      "config.nestedHVEnabled",
      "config.firmware",
      "config.cpuHotAddEnabled",
      "config.memoryHotAddEnabled",
      "config.cpuAllocation.reservation",
      "config.memoryAllocation.reservation",
      "config.flags.vvtdEnabled",
      "config.latencySensitivity.level",
      "config.hardware.numCPU",
      "config.hardware.memoryMB",
      "config.instanceUuid",
    );
    expect(stored).toEqual({
      "config.nestedHVEnabled": true,
      "config.firmware": "efi",
      "config.cpuHotAddEnabled": true,
      "config.memoryHotAddEnabled": true,
      "config.cpuAllocation.reservation": 4000,
      "config.memoryAllocation.reservation": 8192,
      "config.flags.vvtdEnabled": true,
      "config.latencySensitivity.level": "low",
      "config.hardware.numCPU": 8,
      "config.hardware.memoryMB": 16384,
      "config.instanceUuid": request.uid,
    });
  });
});

describeWhere(
  vcsimMissing ?? grpcurlMissing,
  "a client in another language that knows only reflection",
  () => {
    let vcsim: Vcsim;
    let provider: ProviderDaemon;
    beforeAll(async () => {
      vcsim = await startVcsim(stock);
      provider = await startVsphereProvider(vcsim);
    }, 180_000);
    afterAll(async () => {
      await provider.stop();
      await vcsim.stop();
    });

    test("lists the services and describes the contract", async () => {
      const services = (await grpcurl(provider.address, "list")).trim().split("\n");
      expect(services).toEqual(expect.arrayContaining([service, "grpc.health.v1.Health"]));
      expect(await grpcurl(provider.address, "describe", `${service}.CreateVM`)).toContain(
        ".virtrigaud.provider.v1.CreateVMRequest",
      );
    });

    test("asks for the capabilities", async () => {
      const { capabilities } = JSON.parse(await grpcurl(provider.address, `${service}/GetCapabilities`));
      expect(capabilities).toContainEqual({
        feature: "FEATURE_NESTED_VIRTUALIZATION",
        support: "SUPPORT_SUPPORTED",
        mechanism: "config.nestedHVEnabled",
        minimumVersion: "5.1",
        observedVersion: "8.0.2.0",
      });
    });

    test("creates a VM", async () => {
      const { spec } = createRequest("reflected");
      const request = JSON.stringify(
        CreateVMRequest.toJSON(CreateVMRequest.fromPartial({ uid: randomUUID(), spec })),
      );
      const step = async () =>
        JSON.parse(await grpcurl("-d", request, provider.address, `${service}/CreateVM`));
      const first = await step();
      expect(first).toMatchObject({
        state: "ENSURE_STATE_IN_PROGRESS",
        operation: { description: "create VM" },
      });
      const name = JSON.stringify({ name: first.operation.name });
      const watched = await grpcurl("-d", name, provider.address, `${service}/WatchOperation`);
      expect(watched).toContain("OPERATION_STATE_SUCCEEDED");
      expect(await step()).toMatchObject({
        state: "ENSURE_STATE_COMPLETE",
        vm: {
          name: "reflected",
          powerState: "POWER_STATE_OFF",
          nested: { configured: "TRISTATE_TRUE", reason: "SIMULATED" },
        },
      });
    });

    test("gets an error with its details", async () => {
      const request = JSON.stringify({ uid: "not-a-uuid", spec: { name: "x" } });
      const call = grpcurl("-format-error", "-d", request, provider.address, `${service}/CreateVM`);
      const said = await call.then(String, ({ cause }: Error) => String(cause));
      expect(said).toMatch(/"reason": "INVALID_REQUEST".*"field": "spec\.cpus"/s);
    });
  },
);
