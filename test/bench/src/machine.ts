import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { promisify } from "node:util";
import { GoProgramUnavailable, startVcsim } from "@virtrigaud/test-tools";

/** Where and with what was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Load average of the last minute before the first measurement. */
  readonly load: number;
  readonly node: string;
  readonly grpcJs: string;
  /** The govmomi release inside the simulated vCenter; null where that cannot be had. */
  readonly govmomi: string | null;
  /** As virsh tells it; null without virsh. */
  readonly libvirt: string | null;
}

/** Looks at the machine; builds the simulated vCenter when that was never done here. */
export async function readMachine(): Promise<Machine> {
  const load = loadavg()[0] ?? 0;
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    load,
    node: process.version,
    grpcJs: grpcJsVersion(),
    govmomi: await govmomiVersion(),
    libvirt: await libvirtVersion(),
  };
}

/** Three lines for people. */
export function describeMachine(machine: Machine): string {
  const { cpu, cores, memoryBytes, kernel, load, node, grpcJs, govmomi, libvirt } = machine;
  return [
    `machine   ${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${kernel}`,
    `load      ${load.toFixed(2)} over the last minute, before measuring`,
    `versions  node ${node}, grpc-js ${grpcJs}, vcsim of govmomi ${govmomi ?? "absent"}, libvirt ${libvirt ?? "absent"}`,
  ].join("\n");
}

function grpcJsVersion(): string {
  const { version } = createRequire(import.meta.url)("@grpc/grpc-js/package.json") as { version: string };
  return version;
}

async function govmomiVersion(): Promise<string | null> {
  try {
    const vcsim = await startVcsim({}, (message) => console.error(message));
    await vcsim.stop();
    return vcsim.govmomi;
  } catch (error) {
    if (error instanceof GoProgramUnavailable) return null;
    throw error;
  }
}

async function libvirtVersion(): Promise<string | null> {
  try {
    return (await promisify(execFile)("virsh", ["--version"])).stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
