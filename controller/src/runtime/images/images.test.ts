import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { connectProvider } from "@virtrigaud/kit/client";
import {
  type MemoryProvider,
  type MemoryProviderOptions,
  startMemoryProvider,
} from "@virtrigaud/memory-provider";
import { Feature, OperationState, type PrepareImageRequest } from "@virtrigaud/proto";
import { World, conditions, message, ownedVms, reached, refused } from "../../testing/world.ts";
import { ImagePreparations } from "./preparations.ts";

// Retries of calls to a hypervisor that cannot be reached take seconds.
jest.setTimeout(20_000);

const URL = "https://images.example/guest.qcow2";
const digestOf = (url: string) => createHash("sha256").update(url).digest("hex");
const source = { http: { url: URL, checksum: `sha256:${digestOf(URL)}` } };

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

/** A provider that takes down what it is asked to prepare and to make. */
async function watched(options: MemoryProviderOptions = {}) {
  const prepared: PrepareImageRequest[] = [];
  const created: string[] = [];
  const provider = await world.memoryProvider({
    ...options,
    replace: (honest) => {
      const outer = { ...honest, ...options.replace?.(honest) };
      return {
        ...outer,
        prepareImage: (request, signal) => {
          prepared.push(request);
          return outer.prepareImage(request, signal);
        },
        createVm: (request, signal) => {
          created.push(request.uid);
          return outer.createVm(request, signal);
        },
      };
    },
  });
  return { provider, prepared, created };
}

describe("an image that has to be fetched", () => {
  test("is prepared before the VM is made, and its progress is told", async () => {
    const { provider, prepared } = await watched({ taskMs: 300 });
    await world.declareAll(provider.address, {
      source,
      vmClass: { diskDefaults: { storageClass: "standard" } },
    });
    const controller = await world.run();
    const status = await controller.until((_, latest) =>
      (message(latest, "Ready") ?? "").startsWith("import image (50%)"),
    );
    expect(status).toMatchObject({ phase: "Provisioning" });
    expect(conditions(status)).toMatchObject({
      Ready: "False PreparingImage",
      Provisioned: "False PreparingImage",
    });
    expect(ownedVms(provider)).toEqual([]);
    await controller.until(reached);
    expect(prepared[0]).toMatchObject({
      image: { name: "ubuntu", url: { url: URL, checksum: digestOf(URL) } },
      storageClass: "standard",
    });
  });

  test("is prepared once for all VMs of it, and not again for one that comes later", async () => {
    const { provider, prepared } = await watched({ taskMs: 200 });
    await world.declareAll(provider.address, { source });
    await world.declareVm("two");
    await world.declareVm("three");
    const controller = await world.run();
    for (const name of ["web", "two", "three"]) await controller.until(reached, name);
    await world.declareVm("four");
    await controller.until(reached, "four");
    expect(ownedVms(provider)).toHaveLength(4);
    // The call that starts it and the one that finds it complete.
    expect(prepared).toHaveLength(2);
  });

  test("with a wrong checksum is the VM's reason not to be ready, told once and not downloaded again and again", async () => {
    const { provider, prepared, created } = await watched();
    await world.declareAll(provider.address, { source: { http: { url: URL, checksum: digestOf("else") } } });
    await world.declareVm("two");
    const controller = await world.run();
    const status = await controller.until(refused);
    expect(status?.phase).toBe("Failed");
    expect(conditions(status)).toMatchObject({
      Ready: "False ImageChecksumMismatch",
      Provisioned: "False ImageChecksumMismatch",
    });
    expect(message(status, "Ready")).toBe(
      `the image's digest is ${digestOf(URL)}, not ${digestOf("else")}; correct the checksum or the URL`,
    );
    await controller.until(refused, "two");
    await world.declareVm("two", { annotations: { note: "look again" } });
    await controller.until(refused, "two");
    expect([prepared.length, created.length]).toEqual([1, 0]);
    await world.declareAll(provider.address, { source });
    await controller.until(reached);
    await controller.until(reached, "two");
  });

  test.each<[string, MemoryProviderOptions, object]>([
    ["a template is there already", {}, { vsphere: { templateName: "ubuntu-22.04" } }],
    ["the provider prepares none", { without: [Feature.IMAGE_PREPARE] }, source],
  ])("is not asked for when %s", async (_, options, from) => {
    const { provider, prepared } = await watched(options);
    await world.declareAll(provider.address, { source: from });
    await (await world.run()).until(reached);
    expect(prepared).toEqual([]);
  });

  test("is asked for again when its operation was interrupted", async () => {
    let interrupted = 0;
    const { provider, prepared } = await watched({
      taskMs: 50,
      replace: (honest) => ({
        getOperation: async (request, signal) => {
          const answer = await honest.getOperation(request, signal);
          const { operation } = answer;
          if (interrupted > 1 || operation?.description !== "import image") return answer;
          interrupted += 1;
          const error = {
            code: 10,
            reason: "INTERRUPTED",
            message: "restarted",
            metadata: {},
            violations: [],
          };
          return { operation: { ...operation, state: OperationState.FAILED, error, result: undefined } };
        },
      }),
    });
    await world.declareAll(provider.address, { source });
    const controller = await world.run();
    await controller.until(reached);
    expect(controller.statuses.map((status) => status?.phase)).not.toContain("Failed");
    expect(interrupted).toBe(2);
    expect(prepared.length).toBeGreaterThanOrEqual(3);
  });

  test("survives that its provider dies in the middle: one VM, made once", async () => {
    const first = await watched({ taskMs: 600 });
    await world.declareAll(first.provider.address, { source });
    const controller = await world.run();
    await controller.until((_, status) => conditions(status).Ready === "False PreparingImage");
    const { address: listen, hypervisor } = first.provider;
    first.provider.stop();
    await controller.until((_, status) => conditions(status).ProviderAvailable?.startsWith("False") ?? false);
    await watched({ listen, hypervisor });
    await controller.until(reached);
    expect(ownedVms(first.provider)).toHaveLength(1);
  });
});

describe("preparations", () => {
  const order = (url: string) => ({
    request: {
      image: {
        name: "i",
        url: { url, checksum: "", checksumAlgorithm: 0 as never, format: "" },
        vsphere: undefined,
        libvirt: undefined,
        proxmox: undefined,
      },
      storageClass: "",
    },
    imports: true,
    timeoutMs: 5_000,
    retries: 1,
  });

  let provider: MemoryProvider;
  afterEach(() => provider.stop());

  async function preparations(options: MemoryProviderOptions) {
    provider = await startMemoryProvider(options);
    const connection = await connectProvider({ address: provider.address, tls: "insecure", retries: 0 });
    const abort = new AbortController();
    const woken: string[] = [];
    let now = 0;
    const all = new ImagePreparations(
      (key) => woken.push(key),
      abort.signal,
      () => now,
    );
    return {
      ensure: (key: string, url = URL) => all.ensure(key, connection, order(url)),
      forget: () => all.forget(connection, order(URL)),
      woken,
      at: (ms: number) => (now = ms),
      end: () => {
        abort.abort();
        connection.close();
      },
    };
  }

  test("those who ask for the same wait for one, and those who waited are woken; what is ready wakes nobody", async () => {
    const { ensure, woken, end } = await preparations({ taskMs: 60 });
    const states = await Promise.all([ensure("a"), ensure("b"), ensure("c", `${URL}2`)]);
    expect(states.map(({ kind }) => kind)).toEqual(["preparing", "preparing", "preparing"]);
    expect(woken).toEqual([]);
    while ((await ensure("d")).kind !== "ready") await new Promise((resolve) => setTimeout(resolve, 20));
    expect(woken.filter((key) => key === "a").length).toBeGreaterThan(0);
    expect(await ensure("a")).toEqual({ kind: "ready" });
    end();
  });

  test("a failure is kept until it is due, then tried again", async () => {
    let calls = 0;
    const { ensure, at, end } = await preparations({
      replace: (honest) => ({
        prepareImage: (request, signal) => {
          calls += 1;
          if (calls < 4) throw new Error("a defect, for a test");
          return honest.prepareImage(request, signal);
        },
      }),
    });
    const quiet = jest.spyOn(console, "error").mockReturnValue(undefined); // where the provider tells its own defects
    const retryMs = async () => {
      const state = await ensure("a");
      return state.kind === "failed" ? state.failure.retryAfterMs : state.kind;
    };
    expect(await retryMs()).toBe(5_000);
    at(2_000);
    expect([await retryMs(), calls]).toEqual([3_000, 1]);
    at(5_000);
    expect([await retryMs(), calls]).toEqual([3_600_000, 2]);
    at(3_605_000);
    expect([await retryMs(), calls]).toEqual([3_600_000, 3]);
    at(7_205_000);
    expect(await retryMs()).toBe("preparing");
    quiet.mockRestore();
    end();
  });
});
