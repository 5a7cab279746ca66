import type { Readings } from "./host-facts.ts";

const kvmIntel = "/sys/module/kvm_intel/parameters/nested";
const kvmAmd = "/sys/module/kvm_amd/parameters/nested";
const cpuInfo = "/proc/cpuinfo";
/** Where the kernel registers /dev/kvm, which containers see even if they have no /dev/kvm themselves. */
const kvmDevice = "/sys/class/misc/kvm/dev";
/** There wherever /sys is, so that a file missing beside it is known to be missing. */
const sysfs = "/sys/devices/system/cpu/online";
const cgroups2 = "/sys/fs/cgroup/cgroup.controllers";
/** Of the CPU controller, if version 1 has it. */
const cgroups1 = "/sys/fs/cgroup/cpu/cpu.shares";

/** The files of a host that tell what libvirt does not. */
export const readingFiles = [kvmIntel, kvmAmd, cpuInfo, kvmDevice, sysfs, cgroups2, cgroups1] as const;

/** What the files say. @param files by path, without those that could not be read. */
export function parseReadings(files: ReadonlyMap<string, string>): Readings {
  const intel = files.get(kvmIntel);
  const amd = files.get(kvmAmd);
  const flags = /^flags\s*:(.*)$/m.exec(files.get(cpuInfo) ?? "")?.[1];
  return {
    ...(intel === undefined ? {} : { kvmIntelNested: intel.trim() }),
    ...(amd === undefined ? {} : { kvmAmdNested: amd.trim() }),
    ...(flags === undefined ? {} : { cpuFlags: new Set(flags.trim().split(/\s+/)) }),
    ...(files.has(sysfs) ? { devKvm: files.has(kvmDevice) } : {}),
    ...(files.has(cgroups2) ? { cgroups: 2 as const } : files.has(cgroups1) ? { cgroups: 1 as const } : {}),
  };
}
