import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { describe } from "@jest/globals";
import { promisify } from "node:util";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import { PowerAction, SetPowerRequest, type VM, View, VMSpec } from "@virtrigaud/proto";
import { type PrivateLibvirtd, startPrivateLibvirtd, whyMissing } from "@virtrigaud/test-tools";

const run = promisify(execFile);
export const MiB = 1024 ** 2;

let started: PrivateLibvirtd | undefined;
/** Why this machine has no libvirtd for tests; undefined when it has. */
const missing = await whyMissing(
  startPrivateLibvirtd().then((libvirtd) => {
    started = libvirtd;
  }),
);

/** A group of tests with a libvirtd of the test file's own, which they stop; skipped with the reason in its name where there is none. */
export function describeOnLibvirtd(title: string, tests: (libvirtd: () => PrivateLibvirtd) => void): void {
  const suite = missing === undefined ? describe : describe.skip;
  suite(`${title} ${missing ?? ""}`, () => tests(() => started as PrivateLibvirtd));
}

/** What virsh prints, on a connection of its own. */
export async function virsh({ uri }: Pick<PrivateLibvirtd, "uri">, ...args: string[]): Promise<string> {
  const env = { ...process.env, LIBVIRT_AUTOSTART: "0", LC_ALL: "C" };
  return (await run("virsh", ["-q", "-c", uri, ...args], { env })).stdout.trim();
}

/** Everything that a libvirtd holds: names of domains, and of the volumes in its pool. */
export async function holdings(libvirtd: PrivateLibvirtd): Promise<{ domains: string[]; volumes: string[] }> {
  const words = (text: string) => text.split("\n").flatMap((line) => line.trim().split(/\s+/)[0] || []);
  const domains = words(await virsh(libvirtd, "list", "--all", "--name")).sort();
  return { domains, volumes: words(await virsh(libvirtd, "vol-list", "default")).sort() };
}

/** A spec of the least that boots. */
export const smallSpec = (more: object = {}): VMSpec =>
  VMSpec.fromPartial({
    name: `vm-${randomUUID().slice(0, 8)}`,
    cpus: 1,
    memoryBytes: 64 * MiB,
    disks: [{ name: "root", sizeBytes: 64 * MiB }],
    ...more,
  });

/** Calls CreateVM until it is complete. */
export async function create(connection: ProviderConnection, uid: string, spec: VMSpec): Promise<VM> {
  const request = { uid, spec, controllerId: "e2e" };
  const { vm } = await untilComplete(connection, (options) => connection.createVm(request, options));
  return vm as VM;
}

/** Calls DeleteVM until it is complete. */
export async function remove(connection: ProviderConnection, uid: string): Promise<void> {
  const request = { uid, retainDisks: false };
  await untilComplete(connection, (options) => connection.deleteVm(request, options));
}

/** Starts a VM. */
export async function start(connection: ProviderConnection, uid: string): Promise<void> {
  const request = SetPowerRequest.fromPartial({ uid, action: PowerAction.ON });
  const { operation } = await connection.setPower(request);
  if (operation !== undefined) await waitForOperation(connection, operation);
}

/** Every VM, owned or not. */
export const everyVm = { pageSize: 1000, pageToken: "", view: View.BASIC, includeUnowned: true };

/** As a controller does: calls again after what the contract calls retryable. */
export async function eventuallyDone<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const { code } = error as { code: number };
      if (tries >= 50 || ![10, 14].includes(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
