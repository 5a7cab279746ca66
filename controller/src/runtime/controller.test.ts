import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { MemoryProviderOptions } from "@virtrigaud/memory-provider";
import { Feature } from "@virtrigaud/proto";
import { type Overrides, World, conditions, ownedVms as vmsOf, reached, refused } from "../testing/world.ts";

// Retries of calls to a hypervisor that cannot be reached take seconds.
jest.setTimeout(20_000);

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

const memoryProvider = (options?: MemoryProviderOptions) => world.memoryProvider(options);
const declareAll = (address: string, overrides?: Overrides) => world.declareAll(address, overrides);
const run = (options?: { deleting: boolean }) => world.run(options);
const uidOnDisk = () => world.uidOnDisk();

describe("controller on a provider that speaks the contract", () => {
  test("a declared VM comes up and says what became of nesting", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const status = await (await run()).until(reached);
    expect(status).toMatchObject({
      phase: "Running",
      powerState: "On",
      currentResources: { cpu: 4, memoryMiB: 8192 },
    });
    expect(conditions(status)).toEqual({
      Ready: "True Running",
      Provisioned: "True Complete",
      ProviderAvailable: "True Serving",
      NestedVirtualization: "Unknown Configured",
      LiveMigratable: "False NestedVirtualization",
      RestartRequired: "False NothingWaits",
    });
    expect(vmsOf(provider).map(({ marker }) => marker?.owner.uid)).toEqual([await uidOnDisk()]);
  });

  test("nesting on hosts that cannot: refused with the remedy, and nothing is made", async () => {
    const provider = await memoryProvider({ nesting: "incapable" });
    await declareAll(provider.address);
    const status = await (await run()).until(refused);
    expect(status?.phase).toBe("Failed");
    expect(conditions(status)).toMatchObject({
      Ready: "False NestedUnsupported",
      Provisioned: "False NestedUnsupported",
      NestedVirtualization: "False HostIncapable",
    });
    expect(vmsOf(provider)).toEqual([]);
  });

  test("a controller that starts anew with its state folder makes nothing twice and loses no transition time", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const first = await run();
    const before = await first.until(reached);
    await first.stop();
    const after = await (await run()).until(reached);
    expect(after).toEqual(before);
    expect(vmsOf(provider)).toHaveLength(1);
  });

  test("a controller that ends in the middle of a create continues with the recorded operation", async () => {
    const provider = await memoryProvider({ taskMs: 400 });
    await declareAll(provider.address);
    const first = await run();
    const status = await first.until((_, latest) => latest?.lastTaskRef !== undefined);
    expect(status?.phase).toBe("Provisioning");
    await first.stop();
    expect(await (await run()).until(reached)).toMatchObject({ phase: "Running" });
    expect(vmsOf(provider)).toHaveLength(1);
  });

  test("powerState is followed in both directions", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const controller = await run();
    await controller.until(reached);
    await declareAll(provider.address, { vm: { powerState: "Off" } });
    await controller.until((verdict, status) => verdict === "reached" && status?.powerState === "Off");
    await declareAll(provider.address, { vm: { powerState: "On" } });
    expect(
      await controller.until((verdict, status) => verdict === "reached" && status?.powerState === "On"),
    ).toMatchObject({
      phase: "Running",
    });
  });

  test("a changed class is told and leaves the VM alone where the provider changes none; undoing it makes it Ready again", async () => {
    const provider = await memoryProvider({ without: [Feature.RECONFIGURE] });
    await declareAll(provider.address);
    const controller = await run();
    await controller.until(reached);
    await declareAll(provider.address, { performanceProfile: { nestedVirtualization: false } });
    const status = await controller.until(refused);
    expect(status?.phase).toBe("Running");
    expect(conditions(status)).toMatchObject({
      Ready: "False ReconfigureNeeded",
      Provisioned: "True Complete",
    });
    await declareAll(provider.address);
    await controller.until(reached);
    expect(vmsOf(provider)).toHaveLength(1);
  });

  test("a VM that somebody deleted at the hypervisor is made again under the same UID", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const first = await run();
    await first.until(reached);
    await first.stop();
    const [machine] = vmsOf(provider);
    if (machine !== undefined) provider.hypervisor.inventory.remove(machine);
    const status = await (await run()).until(reached);
    expect(status?.phase).toBe("Running");
    expect(vmsOf(provider).map(({ marker }) => marker?.owner.uid)).toEqual([await uidOnDisk()]);
  });

  test("an unreachable hypervisor changes what is Ready and nothing that was read; it recovers by itself", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const first = await run();
    const before = await first.until(reached);
    await first.stop();
    provider.setReachable(false);
    const second = await run();
    const status = await second.until(
      (_, latest) =>
        latest?.conditions.some(({ type, status: truth }) => type === "Ready" && truth === "False") ?? false,
    );
    expect(status).toMatchObject({ phase: "Running", id: before?.id, powerState: "On" });
    provider.setReachable(true);
    expect(await second.until(reached)).toMatchObject({ phase: "Running", id: before?.id });
    expect(vmsOf(provider)).toHaveLength(1);
  });

  test("a read that fails is not a VM that is gone", async () => {
    const quiet = jest.spyOn(console, "error").mockReturnValue(undefined); // where the provider tells its own defects
    let broken = false;
    const created: string[] = [];
    const provider = await memoryProvider({
      replace: (honest) => ({
        getVm: (request, signal) => {
          if (broken) throw new Error("a read that fails, for a test");
          return honest.getVm(request, signal);
        },
        createVm: (request, signal) => {
          if (broken) created.push(request.uid);
          return honest.createVm(request, signal);
        },
      }),
    });
    await declareAll(provider.address);
    const first = await run();
    const before = await first.until(reached);
    await first.stop();
    broken = true;
    const second = await run();
    const status = await second.until((_, latest) => conditions(latest).Ready === "False Internal");
    expect({ ...status, conditions: [] }).toEqual({ ...before, conditions: [] });
    expect(created).toEqual([]);
    quiet.mockRestore();
  });

  test("what is missing is named, all of it at once, and the VM comes up when it appears", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address, {
      vm: { userData: { cloudInit: { secretRef: { name: "user-data" } } } },
    });
    await rm(world.path("VMClass", "small"));
    const controller = await run();
    const status = await controller.until(
      (verdict, latest) => verdict === "refused" && conditions(latest).ProviderAvailable === "True Serving",
    );
    expect(status?.conditions.find(({ type }) => type === "Ready")?.message).toBe(
      "spec.classRef: there is no VMClass default/small; spec.userData.cloudInit.secretRef: there is no Secret default/user-data",
    );
    await declareAll(provider.address);
    await controller.until(reached);
  });

  test("removing a manifest leaves the VM alone, deleting it does not", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const first = await run();
    await first.until(reached);
    await rm(world.path("VirtualMachine", "web"));
    await sleep(400);
    await first.stop();
    expect(vmsOf(provider)).toHaveLength(1);
    await declareAll(provider.address);
    await (await run({ deleting: true })).until((_, status) => status === undefined);
    expect(vmsOf(provider)).toEqual([]);
    await expect(uidOnDisk()).rejects.toThrow("ENOENT");
  });

  test("a VM with deletion policy Retain survives its deletion", async () => {
    const provider = await memoryProvider();
    await declareAll(provider.address);
    const first = await run();
    await first.until(reached);
    await first.stop();
    const path = world.path("VirtualMachine", "web");
    const vm = JSON.parse(await readFile(path, "utf8")) as { metadata: object };
    vm.metadata = { ...vm.metadata, annotations: { "virtrigaud.io/deletion-policy": "Retain" } };
    await writeFile(path, JSON.stringify(vm));
    const status = await (await run({ deleting: true })).until(reached);
    expect(conditions(status)).toMatchObject({ Ready: "False Retained" });
    expect(vmsOf(provider)).toHaveLength(1);
  });
});
