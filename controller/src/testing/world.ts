import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type MemoryProvider,
  type MemoryProviderOptions,
  startMemoryProvider,
} from "@virtrigaud/memory-provider";
import { loadManifests } from "../manifest/load.ts";
import { formatProblem } from "../manifest/problem.ts";
import { Controller } from "../runtime/controller.ts";
import type { Verdict } from "../runtime/reconcile/verdict.ts";
import type { VirtualMachineStatus } from "../status-types.ts";
import { FolderStore } from "../store/folder/folder-store.ts";
import { Records } from "../store/folder/records.ts";
import { refKey } from "../store/store.ts";

const API = "infra.virtrigaud.io/v1beta1";

/** What a test declares otherwise than {@link World.declareAll} does by itself. */
export interface Overrides {
  readonly vm?: object;
  readonly vmClass?: object;
  readonly performanceProfile?: object;
  readonly source?: object;
  readonly prepare?: object;
  readonly annotations?: Record<string, string>;
}

/** A controller that works. */
export interface Running {
  /** Every status of the VM `web` that it told, in order. */
  readonly statuses: (VirtualMachineStatus | undefined)[];
  /** Waits until it tells of a VM what is wanted, and answers its status. Rejects after 15 seconds. */
  until(
    wanted: (verdict: Verdict, status: VirtualMachineStatus | undefined) => boolean,
    vm?: string,
  ): Promise<VirtualMachineStatus | undefined>;
  stop(): Promise<void>;
}

/** A folder of manifests with a state folder, providers and controllers, all gone after {@link World.end}. */
export class World {
  readonly root: string;
  readonly #providers: MemoryProvider[] = [];
  readonly #running: Running[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<World> {
    const root = await mkdtemp(join(tmpdir(), "controller-test-"));
    await mkdir(join(root, "manifests"));
    return new World(root);
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.map((each) => each.stop()));
    for (const provider of this.#providers) provider.stop();
    await rm(this.root, { recursive: true });
  }

  async memoryProvider(options?: MemoryProviderOptions): Promise<MemoryProvider> {
    const provider = await startMemoryProvider(options);
    this.#providers.push(provider);
    return provider;
  }

  /** Where a manifest is written. */
  path(kind: string, name: string): string {
    return join(this.root, "manifests", `${kind}-${name}.yaml`);
  }

  /** Writes a manifest; JSON is YAML. */
  declare(kind: string, name: string, spec: object, annotations: Record<string, string> = {}): Promise<void> {
    const object = { apiVersion: API, kind, metadata: { name, annotations }, spec };
    return writeFile(this.path(kind, name), JSON.stringify(object));
  }

  /** A VM `web` that asks for nesting, and everything that it needs. */
  async declareAll(address: string, overrides: Overrides = {}): Promise<void> {
    await this.declare("Provider", "memory", {
      type: "vsphere",
      endpoint: "https://hypervisor.example",
      credentialSecretRef: { name: "unused" },
      runtime: { endpoint: `dns:///${address}`, service: { tls: { enabled: false } } },
      healthCheck: { interval: "200ms" },
    });
    await this.declare("VMClass", "small", {
      cpu: 4,
      memory: "8Gi",
      firmware: "UEFI",
      performanceProfile: { nestedVirtualization: true, ...overrides.performanceProfile },
      diskDefaults: { size: "40Gi", type: "thin" },
      ...overrides.vmClass,
    });
    await this.declare("VMImage", "ubuntu", {
      source: overrides.source ?? { vsphere: { templateName: "ubuntu-22.04" } },
      ...(overrides.prepare && { prepare: overrides.prepare }),
    });
    await this.declareVm("web", overrides);
  }

  /** One more VM of the same class and image. */
  declareVm(name: string, { vm, annotations }: Overrides = {}): Promise<void> {
    return this.declare(
      "VirtualMachine",
      name,
      {
        providerRef: { name: "memory" },
        classRef: { name: "small" },
        imageRef: { name: "ubuntu" },
        powerState: "On",
        ...vm,
      },
      annotations,
    );
  }

  /** Starts a controller on what is declared. */
  async run({ deleting = false } = {}): Promise<Running> {
    const abort = new AbortController();
    const paths = [join(this.root, "manifests")];
    const { resources, problems } = await loadManifests(paths);
    if (problems.length > 0) throw new Error(problems.map(formatProblem).join("\n"));
    const store = new FolderStore({
      paths,
      resources: resources.map(({ resource }) => resource),
      records: new Records(join(this.root, "state")),
      deleting,
      onProblems: () => undefined,
    });
    const statuses: (VirtualMachineStatus | undefined)[] = [];
    const latest = new Map<string, [Verdict, VirtualMachineStatus | undefined]>();
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
      onPass: (ref, verdict, status) => {
        if (ref.name === "web") statuses.push(status);
        latest.set(refKey(ref), [verdict, status]);
      },
      onProvider: () => undefined,
      onError: (_about, error) => {
        throw error;
      },
      signal: abort.signal,
    });
    const over = controller.run();
    const running: Running = {
      statuses,
      until: (wanted, vm = "web") => eventually(() => latest.get(`default/${vm}`), wanted),
      stop: () => {
        abort.abort();
        return over;
      },
    };
    this.#running.push(running);
    return running;
  }

  /** The UID of `web` in the state folder. */
  async uidOnDisk(): Promise<string> {
    const path = join(this.root, "state/virtualmachines/default/web/uid");
    return (await readFile(path, "utf8")).trim();
  }
}

async function eventually(
  latest: () => [Verdict, VirtualMachineStatus | undefined] | undefined,
  wanted: (verdict: Verdict, status: VirtualMachineStatus | undefined) => boolean,
): Promise<VirtualMachineStatus | undefined> {
  for (let tries = 0; tries < 1_500; tries += 1) {
    const now = latest();
    if (now !== undefined && wanted(...now)) return now[1];
    await sleep(10);
  }
  throw new Error(`not in time; last: ${JSON.stringify(latest(), null, 2)}`);
}

/** Each condition as "True Reason". */
export function conditions(status: VirtualMachineStatus | undefined): Record<string, string> {
  return Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: truth, reason }) => [type, `${truth} ${reason}`]),
  );
}

/** Message of a condition. */
export function message(status: VirtualMachineStatus | undefined, wanted: string): string | undefined {
  return status?.conditions.find(({ type }) => type === wanted)?.message;
}

export const reached = (verdict: Verdict): boolean => verdict === "reached";
export const refused = (verdict: Verdict): boolean => verdict === "refused";

/** The machines that somebody owns. */
export function ownedVms({ hypervisor }: MemoryProvider) {
  return hypervisor.inventory.after(0, 100).filter(({ marker }) => marker !== undefined);
}
