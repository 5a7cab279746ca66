import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { MemoryProviderOptions } from "@virtrigaud/memory-provider";
import { type ReconfigureVMRequest, RestartPolicy, type VM } from "@virtrigaud/proto";
import { World, conditions, message, ownedVms, reached, refused } from "../../testing/world.ts";

jest.setTimeout(20_000);

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

/** A provider that takes down what it is asked to change. */
async function watched(options: MemoryProviderOptions = {}) {
  const asked: ReconfigureVMRequest[] = [];
  const calls: string[] = [];
  const provider = await world.memoryProvider({
    ...options,
    replace: (honest) => ({
      reconfigureVm: (request, signal) => {
        asked.push(request);
        calls.push("reconfigure");
        return honest.reconfigureVm(request, signal);
      },
      createVm: (request, signal) => {
        calls.push("create");
        return honest.createVm(request, signal);
      },
    }),
  });
  return { provider, asked, calls };
}

const cpus = (count: number) => ({ vmClass: { cpu: count } });
const waits =
  (verdict: string, count: number) =>
  (now: string, status: { currentResources?: { cpu: number } } | undefined) =>
    now === verdict && status?.currentResources?.cpu === count;

describe("a declaration that changed", () => {
  test("is applied; what cannot act live waits for a restart, and nothing is restarted unasked", async () => {
    const { provider, asked } = await watched();
    await world.declareAll(provider.address);
    const controller = await world.run();
    await controller.until(reached);
    const poweredOnAt = ownedVms(provider)[0]?.poweredOnAt;
    await world.declareAll(provider.address, cpus(6));
    const status = await controller.until(waits("reached", 6));
    expect(status?.phase).toBe("Running");
    expect(conditions(status)).toMatchObject({
      Ready: "True Running",
      RestartRequired: "True ChangesWait",
    });
    expect(message(status, "Ready")).toBe("the VM runs as declared, but for what waits for a restart");
    expect(message(status, "RestartRequired")).toMatch(/4 → 6/);
    expect(asked.every(({ restartPolicy }) => restartPolicy === RestartPolicy.NEVER)).toBe(true);
    expect(ownedVms(provider).map(({ poweredOnAt: at }) => at)).toEqual([poweredOnAt]);
    expect(controller.statuses.map((each) => each?.phase)).toContain("Reconfiguring");
  });

  test("restarts the VM where it may, and waits for nothing then", async () => {
    const { provider, asked } = await watched();
    const annotations = { "virtrigaud.io/restart-policy": "IfNeeded" };
    await world.declareAll(provider.address, { annotations });
    const controller = await world.run();
    await controller.until(reached);
    const poweredOnAt = ownedVms(provider)[0]?.poweredOnAt;
    await world.declareAll(provider.address, { annotations, ...cpus(6) });
    const status = await controller.until(waits("reached", 6));
    expect(conditions(status)).toMatchObject({
      Ready: "True Running",
      RestartRequired: "False NothingWaits",
    });
    expect(asked.every(({ restartPolicy }) => restartPolicy === RestartPolicy.IF_NEEDED)).toBe(true);
    expect(ownedVms(provider)[0]?.poweredOnAt).not.toEqual(poweredOnAt);
    expect(ownedVms(provider)[0]?.running?.cpus).toBe(6);
  });

  test("acts at the start when the VM is off: it is stored before the power comes on", async () => {
    const { provider } = await watched();
    await world.declareAll(provider.address, { vm: { powerState: "Off" } });
    const controller = await world.run();
    await controller.until(reached);
    await world.declareAll(provider.address, cpus(6));
    const status = await controller.until(
      (verdict, latest) => verdict === "reached" && latest?.powerState === "On",
    );
    expect(conditions(status).RestartRequired).toBe("False NothingWaits");
    expect(ownedVms(provider)[0]?.running?.cpus).toBe(6);
  });

  test("that cannot be had is refused by name, the VM runs on as it was, and undoing it makes it ready", async () => {
    const { provider } = await watched();
    await world.declareAll(provider.address);
    const controller = await world.run();
    const before = await controller.until(reached);
    await world.declareAll(provider.address, {
      vmClass: { diskDefaults: { size: "20Gi", type: "thin" } },
    });
    const status = await controller.until(refused);
    expect(conditions(status)).toMatchObject({ Ready: "False DiskShrink", Provisioned: "True Complete" });
    expect(message(status, "Ready")).toMatch(/disks never shrink/);
    expect(status).toMatchObject({ phase: "Running", specDigest: before?.specDigest });
    await world.declareAll(provider.address);
    expect(await controller.until(reached)).toMatchObject({ specDigest: before?.specDigest });
  });

  test("while the VM is being made ends in one VM as declared last", async () => {
    const { provider, calls } = await watched({ taskMs: 500 });
    await world.declareAll(provider.address);
    const controller = await world.run();
    await controller.until((_, status) => status?.lastTaskRef !== undefined);
    await world.declareAll(provider.address, cpus(6));
    const status = await controller.until(reached);
    expect(status?.currentResources?.cpu).toBe(6);
    expect(ownedVms(provider)).toHaveLength(1);
    expect(calls).toContain("reconfigure");
    // After the change CreateVM is asked anew, for whatever else is due.
    expect(calls.at(-1)).toBe("create");
  });

  test("and a controller that ends in the middle: the next one finishes it", async () => {
    const { provider } = await watched({ taskMs: 400 });
    await world.declareAll(provider.address);
    const first = await world.run();
    await first.until(reached);
    await world.declareAll(provider.address, cpus(6));
    await first.until((_, status) => status?.phase === "Reconfiguring");
    await first.stop();
    const status = await (await world.run()).until(waits("reached", 6));
    expect(conditions(status).RestartRequired).toBe("True ChangesWait");
  });

  test("tells what waits for a restart also where only the answer says so", async () => {
    const silent = (vm: VM | undefined) =>
      vm && { ...vm, restartRequired: false, restartRequiredReasons: [] };
    const provider = await world.memoryProvider({
      replace: (honest) => ({
        reconfigureVm: async (request, signal) => {
          const answer = await honest.reconfigureVm(request, signal);
          return { ...answer, vm: silent(answer.vm) };
        },
        getVm: async (request, signal) => ({ vm: silent((await honest.getVm(request, signal)).vm) }),
      }),
    });
    await world.declareAll(provider.address);
    const controller = await world.run();
    await controller.until(reached);
    await world.declareAll(provider.address, cpus(6));
    const status = await controller.until(
      (_, latest) => conditions(latest).RestartRequired === "True ChangesWait",
    );
    expect(message(status, "RestartRequired")).toMatch(/4 → 6/);
  });
});
