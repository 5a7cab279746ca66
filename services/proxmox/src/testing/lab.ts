import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@virtrigaud/kit";
import { afterEach } from "@jest/globals";
import { type Pve as Simulator, type PveOptions, startPve } from "@virtrigaud/fakes";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import { type Operation, PowerAction, SetPowerRequest, type VM, View, VMSpec } from "@virtrigaud/proto";
import { startProvider, type TestProvider, type TestProviderOptions } from "./provider.ts";

const MiB = 1024 ** 2;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What a test of the provider works with. */
export interface Lab {
  readonly simulator: Simulator;
  readonly provider: TestProvider;
  readonly connection: ProviderConnection;
  /** Everything that the cluster holds: names of VMs and of volumes. */
  holdings(): { vms: string[]; volumes: string[] };
  /** Method and path of the requests since the last call of this, without polls of tasks. */
  requests(): string[];
  /** Another instance of the same provider, as after a restart. */
  another(options?: TestProviderOptions): Promise<TestProvider>;
}

/** A simulated cluster with a provider in front of it, both for one test. */
export async function startLab(simulated: PveOptions = {}, options: TestProviderOptions = {}): Promise<Lab> {
  const simulator = await startPve({ taskMs: 1, secondMs: 2, ...simulated });
  closers.push(() => simulator.stop());
  const another = async (more: TestProviderOptions = {}) => {
    const provider = await startProvider(simulator, { ...options, ...more });
    closers.push(() => provider.stop());
    return provider;
  };
  const provider = await another();
  let seen = 0;
  return {
    simulator,
    provider,
    connection: provider.connection,
    another,
    holdings: () => holdingsOf(simulator),
    requests() {
      const fresh = simulator.requests.slice(seen);
      seen = simulator.requests.length;
      return fresh.map(({ method, path }) => `${method} ${path}`).filter((one) => !one.includes("/tasks"));
    },
  };
}

function holdingsOf({ cluster }: Simulator): { vms: string[]; volumes: string[] } {
  const volumes = [...cluster.storages.values()].flatMap((storage) =>
    [...cluster.nodes.keys()].flatMap((node) =>
      storage.isOn(node)
        ? [...storage.volumes(node).keys()].map((name) => `${node} ${storage.id}:${name}`)
        : [],
    ),
  );
  const vms = cluster.sortedVms().map(({ vmid, config }) => `${vmid} ${config["name"] ?? ""}`);
  return { vms, volumes: [...new Set(volumes)].sort() };
}

/** A spec of the least. */
export const smallSpec = (init: Partial<VMSpec> = {}): VMSpec => ({
  ...VMSpec.fromPartial({
    name: `vm-${randomUUID().slice(0, 8)}`,
    cpus: 1,
    memoryBytes: 512 * MiB,
    disks: [{ name: "root", sizeBytes: 1024 * MiB }],
  }),
  ...init,
});

/** Calls CreateVM until it is complete. */
export async function create(
  connection: ProviderConnection,
  spec: VMSpec = smallSpec(),
  uid: string = randomUUID(),
): Promise<VM> {
  const request = { uid, spec, controllerId: "test" };
  const { vm } = await untilComplete(connection, (options) => connection.createVm(request, options));
  if (vm === undefined) throw new Error("COMPLETE without a VM");
  return vm;
}

/** Calls DeleteVM until it is complete. */
export async function remove(
  connection: ProviderConnection,
  uid: string,
  retainDisks = false,
): Promise<void> {
  await untilComplete(connection, (options) => connection.deleteVm({ uid, retainDisks }, options));
}

const retryable = new Set<number>([status.ABORTED, status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);

/** Calls again what the contract says may be called again. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 20; ; tries -= 1) {
    try {
      return await call();
    } catch (error) {
      if (tries === 1 || !retryable.has((error as { code: number }).code)) throw error;
      await sleep(20);
    }
  }
}

/** Sets the power and waits for it; answers the operation as it ended. */
export async function power(
  connection: ProviderConnection,
  uid: string,
  action: PowerAction,
  more: Partial<SetPowerRequest> = {},
): Promise<Operation> {
  const request = { ...SetPowerRequest.fromPartial({ uid, action }), ...more };
  const { operation } = await connection.setPower(request);
  return done(connection, operation);
}

/** Waits until an operation has succeeded. */
export function done(connection: ProviderConnection, operation: Operation | undefined): Promise<Operation> {
  if (operation === undefined) throw new Error("an answer without an operation");
  return waitForOperation(connection, operation);
}

/** A VM as it is now, in the whole view. */
export async function read(connection: ProviderConnection, uid: string): Promise<VM> {
  const { vm } = await connection.getVm({ vm: { reference: { $case: "uid", value: uid } }, view: View.FULL });
  if (vm === undefined) throw new Error("an answer without a VM");
  return vm;
}
