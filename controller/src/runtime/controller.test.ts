import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  type MemoryProvider,
  type MemoryProviderOptions,
  startMemoryProvider,
} from "@virtrigaud/memory-provider";
import { loadManifests } from "../manifest/load.ts";
import { formatProblem } from "../manifest/problem.ts";
import type { VirtualMachineStatus } from "../status-types.ts";
import { FolderStore } from "../store/folder/folder-store.ts";
import { Records } from "../store/folder/records.ts";
import { Controller } from "./controller.ts";
import type { Verdict } from "./reconcile/verdict.ts";

// Retries of calls to a hypervisor that cannot be reached take seconds.
jest.setTimeout(20_000);

const API = "infra.virtrigaud.io/v1beta1";
const VM = { namespace: "default", name: "web" };

let root = "";
let providers: MemoryProvider[] = [];
let running: Running[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "controller-test-"));
  await mkdir(join(root, "manifests"));
});

afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  for (const provider of providers) provider.stop();
  [providers, running] = [[], []];
  await rm(root, { recursive: true });
});

async function memoryProvider(options?: MemoryProviderOptions): Promise<MemoryProvider> {
  const provider = await startMemoryProvider(options);
  providers.push(provider);
  return provider;
}

/** Writes a manifest; JSON is YAML. */
function declare(kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: API, kind, metadata: { name }, spec };
  return writeFile(join(root, "manifests", `${kind}-${name}.yaml`), JSON.stringify(object));
}

async function declareAll(
  address: string,
  overrides: { vm?: object; performanceProfile?: object } = {},
): Promise<void> {
  await declare("Provider", "memory", {
    type: "vsphere",
    endpoint: "https://hypervisor.example",
    credentialSecretRef: { name: "unused" },
    runtime: { endpoint: `dns:///${address}`, service: { tls: { enabled: false } } },
  });
  await declare("VMClass", "small", {
    cpu: 4,
    memory: "8Gi",
    firmware: "UEFI",
    performanceProfile: { nestedVirtualization: true, ...overrides.performanceProfile },
    diskDefaults: { size: "40Gi", type: "thin" },
  });
  await declare("VMImage", "ubuntu", { source: { vsphere: { templateName: "ubuntu-22.04" } } });
  await declare("VirtualMachine", VM.name, {
    providerRef: { name: "memory" },
    classRef: { name: "small" },
    imageRef: { name: "ubuntu" },
    powerState: "On",
    ...overrides.vm,
  });
}

interface Running {
  readonly statuses: (VirtualMachineStatus | undefined)[];
  until(
    wanted: (verdict: Verdict, status: VirtualMachineStatus | undefined) => boolean,
  ): Promise<VirtualMachineStatus | undefined>;
  stop(): Promise<void>;
}

async function run({ deleting = false } = {}): Promise<Running> {
  const abort = new AbortController();
  const paths = [join(root, "manifests")];
  const { resources, problems } = await loadManifests(paths);
  expect(problems.map(formatProblem)).toEqual([]);
  const records = new Records(join(root, "state"));
  const store = new FolderStore({
    paths,
    resources: resources.map(({ resource }) => resource),
    records,
    deleting,
    onProblems: () => undefined,
  });
  const statuses: (VirtualMachineStatus | undefined)[] = [];
  let latest: [Verdict, VirtualMachineStatus | undefined] | undefined;
  const controller = new Controller({
    store,
    services: {
      controllerId: "vrtg/test",
      env: {},
      credentialsFolder: undefined,
      simulateFor: undefined,
      secretOf: (ref) => store.get("Secret", ref),
      onLine: () => undefined,
    },
    onPass: (_vm, verdict, status) => {
      statuses.push(status);
      latest = [verdict, status];
    },
    onProvider: () => undefined,
    onError: (_about, error) => {
      throw error;
    },
    signal: abort.signal,
  });
  const over = controller.run();
  const result: Running = {
    statuses,
    until: async (wanted) => {
      for (let tries = 0; tries < 1_500; tries += 1) {
        if (latest !== undefined && wanted(...latest)) return latest[1];
        await sleep(10);
      }
      throw new Error(`not in time; last: ${JSON.stringify(latest, null, 2)}`);
    },
    stop: () => {
      abort.abort();
      return over;
    },
  };
  running.push(result);
  return result;
}

const reached = (verdict: Verdict) => verdict === "reached";
const refused = (verdict: Verdict) => verdict === "refused";
const conditions = (status: VirtualMachineStatus | undefined) =>
  Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: truth, reason }) => [type, `${truth} ${reason}`]),
  );
const uidOnDisk = async () =>
  (await readFile(join(root, "state/virtualmachines/default/web/uid"), "utf8")).trim();
const vmsOf = ({ hypervisor }: MemoryProvider) =>
  hypervisor.inventory.after(0, 100).filter(({ marker }) => marker !== undefined);

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

  test("a changed class is told and leaves the VM alone; undoing the change makes it Ready again", async () => {
    const provider = await memoryProvider();
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
    await rm(join(root, "manifests", "VMClass-small.yaml"));
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
    await rm(join(root, "manifests", "VirtualMachine-web.yaml"));
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
    const path = join(root, "manifests", "VirtualMachine-web.yaml");
    const vm = JSON.parse(await readFile(path, "utf8")) as { metadata: object };
    vm.metadata = { ...vm.metadata, annotations: { "virtrigaud.io/deletion-policy": "Retain" } };
    await writeFile(path, JSON.stringify(vm));
    const status = await (await run({ deleting: true })).until(reached);
    expect(conditions(status)).toMatchObject({ Ready: "False Retained" });
    expect(vmsOf(provider)).toHaveLength(1);
  });
});
