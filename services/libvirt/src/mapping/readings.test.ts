import { expect, test } from "@jest/globals";
import { parseReadings } from "./readings.ts";

const sysfs = ["/sys/devices/system/cpu/online", "0-1\n"] as const;

test.each<[string, readonly (readonly [string, string])[], ReturnType<typeof parseReadings>]>([
  ["nothing read", [], {}],
  ["/sys without KVM", [sysfs], { devKvm: false }],
  [
    "an Intel host with nesting off",
    [
      sysfs,
      ["/sys/class/misc/kvm/dev", "10:232\n"],
      ["/sys/module/kvm_intel/parameters/nested", "N\n"],
      [
        "/proc/cpuinfo",
        "processor\t: 0\nflags\t\t: fpu vmx ept\nbugs\t\t:\n\nprocessor\t: 1\nflags\t\t: fpu\n",
      ],
      ["/sys/fs/cgroup/cgroup.controllers", "cpu\n"],
    ],
    { devKvm: true, kvmIntelNested: "N", cpuFlags: new Set(["fpu", "vmx", "ept"]), cgroups: 2 },
  ],
  [
    "an AMD host with control groups of version 1",
    [
      ["/sys/module/kvm_amd/parameters/nested", "1\n"],
      ["/sys/fs/cgroup/cpu/cpu.shares", "1024\n"],
    ],
    { kvmAmdNested: "1", cgroups: 1 },
  ],
  ["an ARM host, whose CPUs have features and no flags", [["/proc/cpuinfo", "Features\t: fp asimd\n"]], {}],
])("%s", (_, files, expected) => {
  expect(parseReadings(new Map(files))).toEqual(expected);
});
