import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { MemoryProviderOptions } from "@virtrigaud/memory-provider";
import { OperationState, type VerifyNestingRequest } from "@virtrigaud/proto";
import { World, conditions, message, reached } from "../../testing/world.ts";

// The first pauses between two proofs are seconds.
jest.setTimeout(25_000);

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

/** A provider that takes down the proofs that it is asked for. */
async function watched(options: MemoryProviderOptions) {
  const proofs: VerifyNestingRequest[] = [];
  const provider = await world.memoryProvider({
    ...options,
    replace: (honest) => {
      const outer = { ...honest, ...options.replace?.(honest) };
      return {
        ...outer,
        verifyNesting: (request, signal) => {
          proofs.push(request);
          return outer.verifyNesting(request, signal);
        },
      };
    },
  });
  return { provider, proofs };
}

describe("nesting of a VM that asks for it", () => {
  test("is proven inside the guest, once, with evidence; a controller that starts anew does not ask again", async () => {
    const { provider, proofs } = await watched({ guest: "true" });
    await world.declareAll(provider.address);
    const first = await world.run();
    const status = await first.until(reached);
    expect(status?.nestedVirtualization).toMatchObject({
      requested: "True",
      hostCapable: "True",
      configured: "True",
      verified: "True",
      reason: "VERIFIED",
      evidence: [
        "host host-1: kvm_intel nested=Y",
        "/proc/cpuinfo: vmx",
        "/dev/kvm: character device 10,232",
      ],
      verifiedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(conditions(status)).toMatchObject({
      Ready: "True Running",
      NestedVirtualization: "True Verified",
    });
    expect(message(status, "NestedVirtualization")).toMatch(/\/dev\/kvm: character device 10,232$/);
    await first.stop();
    const again = await (await world.run()).until(reached);
    expect(again).toEqual(status);
    expect(proofs).toHaveLength(1);
  });

  test("that the guest disproves makes the VM not ready, with the guest's reason", async () => {
    const { provider, proofs } = await watched({ guest: "false" });
    await world.declareAll(provider.address);
    const status = await (await world.run()).until(
      (verdict, latest) => verdict === "refused" && latest?.nestedVirtualization?.verified === "False",
    );
    expect(conditions(status)).toMatchObject({
      Ready: "False NestedVirtualizationMissing",
      NestedVirtualization: "False GuestLacksCpuFeature",
    });
    await sleep(2_500);
    expect(proofs).toHaveLength(1);
  });

  test("is asked for again while the guest boots, and the VM is ready meanwhile", async () => {
    const { provider, proofs } = await watched({ guest: "unknown" });
    await world.declareAll(provider.address);
    const controller = await world.run();
    const status = await controller.until(
      (verdict, latest) =>
        verdict === "proving" && latest?.nestedVirtualization?.reason === "NO_GUEST_ACCESS",
    );
    expect(conditions(status)).toMatchObject({
      Ready: "True Running",
      NestedVirtualization: "Unknown Configured",
    });
    expect(message(status, "NestedVirtualization")).toMatch(/not verified: no agent answers in the guest/);
    provider.hypervisor.guest = "true";
    await controller.until((_, latest) => latest?.nestedVirtualization?.verified === "True");
    expect(proofs).toHaveLength(2);
  });

  test("is told with the reason when the provider keeps no proof that failed, or fails itself", async () => {
    const { provider } = await watched({
      guest: "unknown",
      replace: (honest) => ({
        getOperation: async (request, signal) => {
          const answer = await honest.getOperation(request, signal);
          const { operation } = answer;
          if (operation?.description !== "verify nested virtualization") return answer;
          const error = {
            code: 9,
            reason: "GUEST_CREDENTIALS_REFUSED",
            message: "the guest refused the account",
            metadata: {},
            violations: [],
          };
          return { operation: { ...operation, state: OperationState.FAILED, error, result: undefined } };
        },
      }),
    });
    await world.declareAll(provider.address);
    const status = await (await world.run()).until(
      (_, latest) => latest?.nestedVirtualization?.reason === "GUEST_CREDENTIALS_REFUSED",
    );
    expect(conditions(status).Ready).toBe("True Running");
    expect(status?.nestedVirtualization?.message).toBe("the guest refused the account");
  });

  test("is proven anew after a power cycle", async () => {
    const { provider, proofs } = await watched({ guest: "true" });
    await world.declareAll(provider.address);
    const controller = await world.run();
    await controller.until(reached);
    await world.declareVm("web", { vm: { powerState: "Off" } });
    await controller.until((verdict, status) => verdict === "reached" && status?.powerState === "Off");
    await world.declareVm("web");
    await controller.until((verdict, status) => verdict === "reached" && status?.powerState === "On");
    expect(proofs).toHaveLength(2);
  });

  test.each<[string, MemoryProviderOptions, Record<string, string>]>([
    ["nothing runs", { guest: "simulated" }, {}],
    ["the VM says not to", { guest: "true" }, { "virtrigaud.io/verify-nesting": "off" }],
  ])("is left alone where %s", async (_, options, annotations) => {
    const { provider, proofs } = await watched(options);
    await world.declareAll(provider.address, { annotations });
    const status = await (await world.run()).until(reached);
    expect(conditions(status).NestedVirtualization).toBe("Unknown Configured");
    expect(proofs).toEqual([]);
  });

  test("is proven with the account that the VM names, which is asked for when it is missing", async () => {
    const { provider, proofs } = await watched({ guest: "true" });
    await world.declareAll(provider.address, {
      annotations: { "virtrigaud.io/guest-credentials": "guest" },
    });
    const controller = await world.run();
    const secret = (stringData: object) =>
      writeFile(
        world.path("Secret", "guest"),
        JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "guest" }, stringData }),
      );
    const told = (text: string) =>
      controller.until((_, status) => message(status, "Ready")?.includes(text) ?? false);
    await told("annotation virtrigaud.io/guest-credentials: there is no Secret default/guest");
    await secret({ username: "u" });
    await told(
      "annotation virtrigaud.io/guest-credentials: Secret guest needs the keys username and password",
    );
    await secret({ username: "u", password: "p" });
    await controller.until(reached);
    expect(proofs.map(({ guestCredentials }) => guestCredentials)).toEqual([
      { username: "u", password: "p" },
    ]);
  });
});
