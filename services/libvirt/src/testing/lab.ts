import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, jest } from "@jest/globals";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import { type Operation, PowerAction, SetPowerRequest, type VM, View, VMSpec } from "@virtrigaud/proto";
import type { PrivateLibvirtd } from "@virtrigaud/test-tools";
import { startProvider, type TestProvider } from "./provider.ts";
import { startRealLibvirtd } from "./real-libvirtd.ts";

const run = promisify(execFile);
const MiB = 1024 ** 2;

/** What a test of the provider works with. */
export interface Lab {
  readonly libvirtd: PrivateLibvirtd;
  readonly provider: TestProvider;
  readonly connection: ProviderConnection;
  /** What virsh prints. */
  virsh(...args: string[]): Promise<string>;
  /** Everything that libvirtd holds: names of domains and of volumes in the pool. */
  holdings(): Promise<{ domains: string[]; volumes: string[] }>;
}

/** A group of tests with a provider in front of a real libvirtd of its own; skipped with the reason in its name where there is none. */
export async function describeOnLibvirt(name: string, tests: (lab: () => Lab) => void): Promise<void> {
  jest.setTimeout(60_000);
  const { reason, daemon, stop } = await startRealLibvirtd();
  if (reason !== undefined) {
    describe.skip(`${name}: ${reason}`, () => tests(() => undefined as never));
    return;
  }
  describe(name, () => {
    let provider: TestProvider;
    beforeAll(async () => {
      provider = await startProvider(daemon().uri);
    });
    afterAll(async () => {
      await provider.stop();
      await stop();
    });
    tests(() => labOf(daemon(), provider));
  });
}

function labOf(libvirtd: PrivateLibvirtd, provider: TestProvider): Lab {
  const virsh = async (...args: string[]) => {
    const { stdout } = await run("virsh", ["-c", libvirtd.uri, ...args], {
      env: { ...process.env, LIBVIRT_AUTOSTART: "0", LC_ALL: "C" },
    });
    return stdout.trim();
  };
  const lines = (text: string) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  return {
    libvirtd,
    provider,
    connection: provider.connection,
    virsh,
    async holdings() {
      const volumes = (await virsh("vol-list", "default")).split("\n").slice(2);
      return {
        domains: lines(await virsh("list", "--all", "--name")),
        volumes: volumes.map((line) => line.trim().split(/\s+/)[0] ?? "").sort(),
      };
    },
  };
}

/** A spec of the least that boots. */
export const smallSpec = (init: Partial<VMSpec> = {}): VMSpec => ({
  ...VMSpec.fromPartial({
    name: `vm-${randomUUID().slice(0, 8)}`,
    cpus: 1,
    memoryBytes: 64 * MiB,
    disks: [{ name: "root", sizeBytes: 64 * MiB }],
  }),
  ...init,
});

/** Calls CreateVM until it is complete. */
export async function create(
  connection: ProviderConnection,
  spec: VMSpec,
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
