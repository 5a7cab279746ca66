import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { waitForOperation } from "@virtrigaud/kit/client";
import {
  GracefulTimeoutPolicy,
  NestedPolicy,
  OperationState,
  PowerAction,
  PowerState,
  View,
} from "@virtrigaud/proto";
import { govc, type SoapProxy, startSoapProxy, startVcsim, type Vcsim } from "@virtrigaud/test-tools";
import { operationName } from "../operation-name.ts";
import { create, describeOnVcsim, power, read, startPower } from "../testing/lab.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { spec } from "../testing/sample-vm.ts";

const { FAIL, POWER_OFF } = GracefulTimeoutPolicy;

describeOnVcsim("SetPower", () => {
  let vcsim: Vcsim;
  let proxy: SoapProxy;
  let provider: TestProvider;
  /** SOAP methods that the vCenter of the moment answers with a fault. */
  const faults = new Map<string, string>();
  beforeAll(async () => {
    vcsim = await startVcsim();
    const onCall = ({ method }: { method: string }) => {
      const faultType = faults.get(method);
      return faultType === undefined
        ? ("pass" as const)
        : { kind: "fault" as const, faultType, message: "scripted" };
    };
    proxy = await startSoapProxy({ target: vcsim, onCall });
    provider = await startProvider(vcsim, { url: proxy.url });
  });
  afterAll(async () => {
    await provider?.stop();
    await proxy?.close();
    await vcsim?.stop();
  });

  const made = async (name: string, ...actions: PowerAction[]) => {
    const uid = randomUUID();
    await create(provider.connection, spec({ name }), uid);
    for (const action of actions) await power(provider.connection, uid, action);
    return uid;
  };
  const state = async (uid: string) => (await read(provider.connection, uid)).powerState;
  const { ON, OFF, SUSPEND, RESET, REBOOT, GRACEFUL_OFF } = PowerAction;

  test.each<[string, PowerAction[], PowerAction, PowerState, string]>([
    ["on", [], ON, PowerState.ON, "power on"],
    ["on again", [ON], ON, PowerState.ON, "power on: already there"],
    ["off", [ON], OFF, PowerState.OFF, "power off"],
    ["off again", [], OFF, PowerState.OFF, "power off: already there"],
    ["off from suspended", [ON, SUSPEND], OFF, PowerState.OFF, "power off"],
    ["suspended", [ON], SUSPEND, PowerState.SUSPENDED, "suspend"],
    ["suspended again", [ON, SUSPEND], SUSPEND, PowerState.SUSPENDED, "suspend: already there"],
    ["on from suspended", [ON, SUSPEND], ON, PowerState.ON, "power on"],
    ["reset", [ON], RESET, PowerState.ON, "reset"],
    ["gracefully off", [ON], GRACEFUL_OFF, PowerState.OFF, "shut down the guest"],
    ["gracefully off again", [], GRACEFUL_OFF, PowerState.OFF, "power off: already there"],
  ])("%s", async (name, before, action, after, description) => {
    const uid = await made(name, ...before);
    const operation = await power(provider.connection, uid, action);
    expect([operation.state, operation.description]).toEqual([OperationState.SUCCEEDED, description]);
    expect(await state(uid)).toBe(after);
  });

  test.each([
    ["suspend", SUSPEND],
    ["reset", RESET],
    ["reboot", REBOOT],
  ])("%s of a VM that is off is refused, and it stays off", async (name, action) => {
    const uid = await made(`off-${name}`);
    await expect(power(provider.connection, uid, action)).rejects.toMatchObject({
      codeName: "FAILED_PRECONDITION",
      reason: "VM_NOT_RUNNING",
    });
    expect(await state(uid)).toBe(PowerState.OFF);
  });

  test("suspend is guarded while nested virtualization is configured, unless overridden", async () => {
    const uid = randomUUID();
    const nestedVirtualization = { policy: NestedPolicy.REQUIRED };
    await create(provider.connection, spec({ name: "guarded", nestedVirtualization }), uid);
    await power(provider.connection, uid, ON);
    await expect(power(provider.connection, uid, SUSPEND)).rejects.toMatchObject({
      codeName: "FAILED_PRECONDITION",
      reason: "NESTED_GUEST_GUARD",
    });
    await power(provider.connection, uid, SUSPEND, { overrideNestedGuard: true });
    expect(await state(uid)).toBe(PowerState.SUSPENDED);
  });

  describe("gracefully off, of a guest", () => {
    const ask = (uid: string, onGracefulTimeout: GracefulTimeoutPolicy) =>
      startPower(provider.connection, uid, GRACEFUL_OFF, { gracefulTimeoutSeconds: 1, onGracefulTimeout });
    /** A guest that was asked and goes on: powering it on again is what the simulator can do of that. */
    const goesOn = async (uid: string, onGracefulTimeout: GracefulTimeoutPolicy) => {
      const operation = await ask(uid, onGracefulTimeout);
      await power(provider.connection, uid, ON);
      return operation;
    };

    test("that does not stop fails after the time that was given", async () => {
      const uid = await made("stubborn", ON);
      const operation = await goesOn(uid, FAIL);
      expect(operation.state).toBe(OperationState.RUNNING);
      await expect(waitForOperation(provider.connection, operation)).rejects.toMatchObject({
        codeName: "DEADLINE_EXCEEDED",
        reason: "GRACEFUL_TIMEOUT",
      });
      expect(await state(uid)).toBe(PowerState.ON);
    });

    test("that does not stop has its power cut, where the policy says so", async () => {
      const uid = await made("cut", ON);
      await waitForOperation(provider.connection, await goesOn(uid, POWER_OFF));
      expect(await state(uid)).toBe(PowerState.OFF);
    });

    test.each<[string, GracefulTimeoutPolicy, PowerState]>([
      ["without tools is refused", FAIL, PowerState.ON],
      ["without tools has its power cut, where the policy says so", POWER_OFF, PowerState.OFF],
    ])("%s", async (name, policy, after) => {
      const uid = await made(name.replaceAll(" ", "-"), ON);
      faults.set("ShutdownGuest", "ToolsUnavailable");
      const outcome = await ask(uid, policy)
        .then((operation) => waitForOperation(provider.connection, operation))
        .then(
          ({ state: ended }) => ended,
          (error: { reason: string }) => error.reason,
        )
        .finally(() => faults.clear());
      expect(outcome).toBe(policy === FAIL ? "GUEST_AGENT_MISSING" : OperationState.SUCCEEDED);
      expect(await state(uid)).toBe(after);
    });

    test("of another's VM is never cut, whatever name an operation is given", async () => {
      const uid = await made("ours", ON);
      await govc(vcsim, "vm.create", "-force", "-net=VM Network", "theirs");
      const { vms } = await provider.connection.listVMs({
        pageSize: 0,
        pageToken: "",
        view: View.BASIC,
        includeUnowned: true,
      });
      const vm = vms.find(({ name }) => name === "theirs")?.id ?? "";
      const name = operationName({ kind: "shutdown", uid, vm, deadline: 1, onTimeout: "power-off" });
      await expect(provider.connection.getOperation({ name })).rejects.toMatchObject({
        reason: "OWNED_BY_ANOTHER",
      });
      expect(await govc(vcsim, "vm.info", "theirs")).toMatch(/Power state: +poweredOn/);
    });
  });

  test("a VM that does not exist is NOT_FOUND, also when it was removed behind our back", async () => {
    const notFound = { codeName: "NOT_FOUND", reason: "VM_NOT_FOUND" };
    await expect(power(provider.connection, randomUUID(), ON)).rejects.toMatchObject(notFound);
    const uid = await made("removed");
    await govc(vcsim, "vm.destroy", "removed");
    await expect(power(provider.connection, uid, ON)).rejects.toMatchObject(notFound);
    await expect(read(provider.connection, uid)).rejects.toMatchObject(notFound);
  });

  test("a VM that was made anew under the same uid is found", async () => {
    const uid = await made("anew");
    await govc(vcsim, "vm.destroy", "anew");
    const another = await startProvider(vcsim);
    try {
      await create(another.connection, spec({ name: "anew" }), uid);
      await power(provider.connection, uid, ON);
      expect(await state(uid)).toBe(PowerState.ON);
    } finally {
      await another.stop();
    }
  });

  test("an operation outlives the daemon", async () => {
    const uid = await made("outlived");
    const operation = await startPower(provider.connection, uid, ON);
    const restarted = await startProvider(vcsim);
    try {
      await waitForOperation(restarted.connection, operation);
      const ended = await restarted.connection.getOperation({ name: operation.name });
      expect(ended.operation).toMatchObject({
        description: "power on",
        state: OperationState.SUCCEEDED,
        progressPercent: 100,
      });
      const watched: string[] = [];
      for await (const { operation: seen } of restarted.connection.watchOperation({ name: operation.name }))
        watched.push(seen?.state ?? "");
      expect(watched).toEqual([OperationState.SUCCEEDED]);
      const cancelled = await restarted.connection.cancelOperation({ name: operation.name });
      expect(cancelled.operation?.state).toBe(OperationState.SUCCEEDED);
    } finally {
      await restarted.stop();
    }
  });

  test("a task that vCenter has forgotten is NOT_FOUND", async () => {
    const name = operationName({ kind: "task", action: "create", uid: "u", task: "task-999999" });
    await expect(provider.connection.getOperation({ name })).rejects.toMatchObject({
      codeName: "NOT_FOUND",
      reason: "OPERATION_NOT_FOUND",
    });
  });
});
