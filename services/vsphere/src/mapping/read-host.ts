import { CpuVendor } from "@virtrigaud/proto";
import type {
  HostCpuIdInfo,
  HostCpuPackage,
  HostHardwareInfo,
  HostListSummary,
  HostRuntimeInfo,
  HostSystemInfo,
} from "../vim/types.ts";
import type { Entity, Host } from "./inventory.ts";

const vendors: Record<string, CpuVendor> = {
  intel: CpuVendor.INTEL,
  amd: CpuVendor.AMD,
  hygon: CpuVendor.HYGON,
  zhaoxin: CpuVendor.ZHAOXIN,
};

/** A host by its own properties; a property that could not be read is unknown, empty or zero. */
export function readHost(
  props: Readonly<Record<string, unknown>>,
): Omit<Host, keyof Entity | "computeResource" | "datastores" | "networks"> {
  const runtime = props.runtime as HostRuntimeInfo | undefined;
  const summary = props.summary as HostListSummary | undefined;
  const cpu = props["hardware.cpuInfo"] as HostHardwareInfo["cpuInfo"] | undefined;
  const [socket] = (props["hardware.cpuPkg"] as HostCpuPackage[] | undefined) ?? [];
  const system = props["hardware.systemInfo"] as HostSystemInfo | undefined;
  const memoryBytes = Number(props["hardware.memorySize"] ?? 0);
  const usedMb = summary?.quickStats.overallMemoryUsage;
  const nested = props["capability.nestedHVSupported"];
  return {
    available: runtime?.connectionState === "connected" && !runtime.inMaintenanceMode,
    version: summary?.config.product?.fullName ?? "",
    vendor: vendorOf(socket),
    model: socket?.description.trim() ?? "",
    system: system === undefined ? "" : `${system.vendor} ${system.model}`,
    isVirtual: system !== undefined && /virtual|kvm|qemu|hyper-v/i.test(system.model),
    threads: cpu?.numCpuThreads ?? 0,
    mhz: cpu === undefined ? 0 : Math.floor((cpu.numCpuCores * cpu.hz) / 1_000_000),
    coreMhz: cpu === undefined ? 0 : Math.floor(cpu.hz / 1_000_000),
    memoryBytes,
    memoryFreeBytes: usedMb === undefined ? undefined : memoryBytes - usedMb * 1024 * 1024,
    cpuVirtualization: cpuVirtualization(socket),
    nestedHVSupported: typeof nested === "boolean" ? nested : undefined,
  };
}

function vendorOf(socket: HostCpuPackage | undefined): CpuVendor {
  if (socket === undefined) return CpuVendor.UNSPECIFIED;
  return vendors[socket.vendor.toLowerCase()] ?? CpuVendor.OTHER;
}

/** VMX is bit 5 of ECX in CPUID leaf 1, SVM bit 2 of ECX in leaf 0x80000001; vSphere signs the leaf's number. */
function cpuVirtualization(socket: HostCpuPackage | undefined): boolean | undefined {
  const leaves = socket?.cpuFeature ?? [];
  const bits = [ecxBit(leaves, 1, 5), ecxBit(leaves, 0x8000_0001 | 0, 2)];
  return bits.includes(true) ? true : bits.every((bit) => bit === false) ? false : undefined;
}

function ecxBit(leaves: readonly HostCpuIdInfo[], level: number, bit: number): boolean | undefined {
  const digits = leaves.find((leaf) => leaf.level === level)?.ecx?.replaceAll(":", "");
  return digits === undefined ? undefined : digits.at(-1 - bit) === "1";
}
