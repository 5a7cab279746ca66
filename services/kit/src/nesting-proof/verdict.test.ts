import { describe, expect, test } from "@jest/globals";
import { type NestingVerification, Tristate } from "@virtrigaud/proto";
import { type GuestReport, parseFacts } from "./guest-report.ts";
import { verdict } from "./verdict.ts";

const at = new Date("2026-01-02T03:04:05Z");
const { TRUE, FALSE, UNKNOWN } = Tristate;
type Row = [string, string, Tristate, string, string, string[]];

/** What a script printed, but for its last line. */
const facts = (output: string) => parseFacts(`${output}\nend=yes\n`) ?? new Map();
const proof = (row: Row): NestingVerification => {
  const [, , answer, reason, message, evidence] = row;
  return { verdict: answer, reason, message, evidence, verifiedAt: at };
};

const kvm = "kvm=character 10:232\nkvm_opens=yes\nkvm_registered=10:232";
const kvmEvidence = ["/dev/kvm: character device 10,232, opens", "/sys/class/misc/kvm/dev: 10:232"];
const deny =
  "the guest's kernel offers KVM, but its agent may not open /dev/kvm; SELinux may confine it (setsebool -P virt_qemu_ga_run_unconfined on), or it runs in a container";
const noDevice = (cpu: string, module: string) =>
  `the guest's CPU has ${cpu} but its kernel offers no /dev/kvm; load KVM in the guest (modprobe ${module}; dmesg says why if that fails), then verify again`;

const linux: Row[] = [
  [
    "a VM ran in it",
    `cpu=svm\nhypervisor=yes\n${kvm}\nmodule=kvm_amd\nnested=1\nl2_exit=0\nl2_said=hello from an L2 guest`,
    TRUE,
    "VERIFIED",
    "the guest can run hardware-assisted VMs: its CPU has svm and /dev/kvm opens; one ran",
    [
      "/proc/cpuinfo: svm, hypervisor",
      ...kvmEvidence,
      "/sys/module/kvm_amd: loaded",
      "/sys/module/kvm_amd/parameters/nested: 1",
      "/usr/lib/virtrigaud/l2-proof: exit 0: hello from an L2 guest",
    ],
  ],
  [
    "no program to try one with",
    `cpu=vmx\n${kvm}\nmodule=kvm_intel\nnested=Y`,
    TRUE,
    "VERIFIED",
    "the guest can run hardware-assisted VMs: its CPU has vmx and /dev/kvm opens",
    [
      "/proc/cpuinfo: vmx",
      ...kvmEvidence,
      "/sys/module/kvm_intel: loaded",
      "/sys/module/kvm_intel/parameters/nested: Y",
    ],
  ],
  [
    "a VM was tried and did not run",
    `cpu=svm\n${kvm}\nl2_exit=1\nl2_said=l2-proof: KVM_RUN: Invalid argument`,
    FALSE,
    "GUEST_CANNOT_RUN_VM",
    "the guest has svm and /dev/kvm, but the VM that /usr/lib/virtrigaud/l2-proof tried in it did not run; the evidence has its words, the guest's kernel log (dmesg) and the host's have more",
    [
      "/proc/cpuinfo: svm",
      ...kvmEvidence,
      "/usr/lib/virtrigaud/l2-proof: exit 1: l2-proof: KVM_RUN: Invalid argument",
    ],
  ],
  [
    "a VM was tried and took too long",
    `cpu=svm\n${kvm}\nl2_exit=124\nl2_said=`,
    UNKNOWN,
    "GUEST_PROOF_TIMEOUT",
    "/usr/lib/virtrigaud/l2-proof in the guest did not end in time; the guest may be busy: verify again",
    ["/proc/cpuinfo: svm", ...kvmEvidence, "/usr/lib/virtrigaud/l2-proof: exit 124: "],
  ],
  [
    "neither vmx nor svm",
    "cpu=none\nhypervisor=yes\nkvm=missing\nkvm_opens=no",
    FALSE,
    "GUEST_LACKS_CPU_FEATURE",
    "the guest sees neither vmx nor svm; ask for nested virtualization and power the VM off and on; CheckHosts tells whether the host can give it",
    ["/proc/cpuinfo: neither vmx nor svm, hypervisor", "/dev/kvm: missing, does not open"],
  ],
  [
    "the feature and no module: AMD",
    "cpu=svm\nkvm=missing\nkvm_opens=no",
    FALSE,
    "GUEST_LACKS_DEV_KVM",
    noDevice("svm", "kvm_amd"),
    ["/proc/cpuinfo: svm", "/dev/kvm: missing, does not open"],
  ],
  [
    "the feature and no module: Intel",
    "cpu=vmx\nkvm=missing\nkvm_opens=no",
    FALSE,
    "GUEST_LACKS_DEV_KVM",
    noDevice("vmx", "kvm_intel"),
    ["/proc/cpuinfo: vmx", "/dev/kvm: missing, does not open"],
  ],
  [
    "a node that nobody serves",
    "cpu=svm\nkvm=character 10:232\nkvm_opens=no",
    FALSE,
    "GUEST_LACKS_DEV_KVM",
    noDevice("svm", "kvm_amd"),
    ["/proc/cpuinfo: svm", "/dev/kvm: character device 10,232, does not open"],
  ],
  [
    "a file of that name",
    "cpu=svm\nkvm=other\nkvm_opens=yes",
    FALSE,
    "GUEST_LACKS_DEV_KVM",
    noDevice("svm", "kvm_amd"),
    ["/proc/cpuinfo: svm", "/dev/kvm: other, opens"],
  ],
  [
    "another device of that name",
    "cpu=svm\nkvm=character 1:3\nkvm_opens=yes",
    FALSE,
    "GUEST_LACKS_DEV_KVM",
    noDevice("svm", "kvm_amd"),
    ["/proc/cpuinfo: svm", "/dev/kvm: character device 1,3, opens"],
  ],
  [
    "an agent that may not open it",
    "cpu=svm\nkvm=character 10:232\nkvm_opens=no\nkvm_registered=10:232",
    UNKNOWN,
    "GUEST_ACCESS_DENIED",
    deny,
    [
      "/proc/cpuinfo: svm",
      "/dev/kvm: character device 10,232, does not open",
      "/sys/class/misc/kvm/dev: 10:232",
    ],
  ],
  [
    "an agent that may not see it",
    "cpu=svm\nkvm=missing\nkvm_opens=no\nkvm_registered=10:232",
    UNKNOWN,
    "GUEST_ACCESS_DENIED",
    deny,
    ["/proc/cpuinfo: svm", "/dev/kvm: missing, does not open", "/sys/class/misc/kvm/dev: 10:232"],
  ],
  [
    "another processor",
    "cpu=unknown\nkvm=missing\nkvm_opens=no",
    UNKNOWN,
    "GUEST_ANSWER_UNREADABLE",
    "the guest does not tell its CPU's features in /proc/cpuinfo; the proof is for Linux and Windows on x86_64",
    ["/proc/cpuinfo: unknown", "/dev/kvm: missing, does not open"],
  ],
];

describe("a Linux guest", () => {
  test.each(linux)("%s", (...row) => {
    const report: GuestReport = { system: "linux", way: "script", facts: facts(row[1]) };
    expect(verdict(report, at)).toEqual(proof(row));
  });

  const files: Row[] = [
    [
      "as good as it gets",
      "cpu=svm\nkvm=present\nkvm_opens=yes\nkvm_registered=10:232\nmodule=kvm_amd\nnested=1",
      TRUE,
      "VERIFIED",
      "the guest can run hardware-assisted VMs: its CPU has svm and /dev/kvm opens",
      [
        "read by the agent's file commands: it may not run programs",
        "/proc/cpuinfo: svm",
        "/dev/kvm: present, opens",
        "/sys/class/misc/kvm/dev: 10:232",
        "/sys/module/kvm_amd: loaded",
        "/sys/module/kvm_amd/parameters/nested: 1",
      ],
    ],
    [
      "a file of that name",
      "cpu=svm\nkvm=present\nkvm_opens=yes",
      FALSE,
      "GUEST_LACKS_DEV_KVM",
      noDevice("svm", "kvm_amd"),
      [
        "read by the agent's file commands: it may not run programs",
        "/proc/cpuinfo: svm",
        "/dev/kvm: present, opens",
      ],
    ],
  ];
  test.each(files)("by its files: %s", (...row) => {
    const report: GuestReport = { system: "linux", way: "files", facts: facts(row[1]) };
    expect(verdict(report, at)).toEqual(proof(row));
  });
});

const windows: Row[] = [
  [
    "virtualization is there and enabled",
    "hypervisor_present=True\r\nfirmware_enabled=True\r\nmonitor_extensions=True\r\nvbs_status=0\r\nvmms=\r",
    TRUE,
    "VERIFIED",
    "the guest can run hardware-assisted VMs: its CPU's virtualization is there and enabled",
    [
      "HyperVisorPresent: True",
      "HyperVRequirementVirtualizationFirmwareEnabled: True",
      "HyperVRequirementVMMonitorModeExtensions: True",
      "VirtualizationBasedSecurityStatus: 0",
    ],
  ],
  [
    "virtualization-based security runs",
    "hypervisor_present=True\r\nfirmware_enabled=False\r\nmonitor_extensions=False\r\nvbs_status=2\r\nvmms=Stopped\r",
    TRUE,
    "VERIFIED",
    "the guest can run hardware-assisted VMs: its own hypervisor runs, for virtualization-based security",
    [
      "HyperVisorPresent: True",
      "HyperVRequirementVirtualizationFirmwareEnabled: False",
      "HyperVRequirementVMMonitorModeExtensions: False",
      "VirtualizationBasedSecurityStatus: 2",
      "service vmms: Stopped",
    ],
  ],
  [
    "only our hypervisor, below it, is present",
    "hypervisor_present=True\r\nfirmware_enabled=False\r\nmonitor_extensions=False\r\nvbs_status=0\r\nvmms=\r",
    FALSE,
    "GUEST_LACKS_CPU_FEATURE",
    "the guest's CPU has no virtualization; ask for nested virtualization and power the VM off and on; CheckHosts tells whether the host can give it",
    [
      "HyperVisorPresent: True",
      "HyperVRequirementVirtualizationFirmwareEnabled: False",
      "HyperVRequirementVMMonitorModeExtensions: False",
      "VirtualizationBasedSecurityStatus: 0",
    ],
  ],
  [
    "Hyper-V is at work",
    "hypervisor_present=True\r\nfirmware_enabled=False\r\nmonitor_extensions=False\r\nvbs_status=0\r\nvmms=Running\r",
    UNKNOWN,
    "GUEST_HIDES_CPU_FEATURE",
    "Hyper-V is set up in the guest, and with it Windows does not tell whether the CPU can; that a VM of its own starts is the proof (Start-VM)",
    [
      "HyperVisorPresent: True",
      "HyperVRequirementVirtualizationFirmwareEnabled: False",
      "HyperVRequirementVMMonitorModeExtensions: False",
      "VirtualizationBasedSecurityStatus: 0",
      "service vmms: Running",
    ],
  ],
  [
    "its firmware switches it off",
    "hypervisor_present=False\r\nfirmware_enabled=False\r\nmonitor_extensions=True\r\nvbs_status=\r\nvmms=\r",
    FALSE,
    "GUEST_FIRMWARE_DISABLES_IT",
    "the guest's CPU has the feature and its firmware switches it off; use UEFI firmware, power the VM off and on",
    [
      "HyperVisorPresent: False",
      "HyperVRequirementVirtualizationFirmwareEnabled: False",
      "HyperVRequirementVMMonitorModeExtensions: True",
    ],
  ],
  [
    "nothing told, as by PowerShell 2",
    "hypervisor_present=\r\nfirmware_enabled=\r\nmonitor_extensions=\r\nvbs_status=\r\nvmms=\r",
    UNKNOWN,
    "GUEST_ANSWER_UNREADABLE",
    "Windows does not tell its CPU's virtualization features (Win32_Processor); the proof needs PowerShell 3 or newer",
    [],
  ],
];

describe("a Windows guest", () => {
  test.each(windows)("%s", (...row) => {
    expect(verdict({ system: "windows", facts: facts(row[1]) }, at)).toEqual(proof(row));
  });
});

test.each([
  ["NO_GUEST_ACCESS", "install and start qemu-guest-agent"],
  ["GUEST_EXEC_BLOCKED", "take guest-exec and guest-exec-status off its block list"],
  ["GUEST_PROOF_TIMEOUT", "verify again"],
  ["GUEST_ANSWER_UNREADABLE", "Update qemu-guest-agent"],
  ["SIMULATED", "is a simulator"],
] as const)("a guest that cannot be asked is unknown, with the knob: %s", (reason, knob) => {
  expect(verdict({ system: "silent", reason, words: "guest-ping: a\n\u0000b" }, at)).toEqual({
    verdict: UNKNOWN,
    reason,
    message: expect.stringContaining(knob),
    evidence: ["guest-ping: a b"],
    verifiedAt: at,
  });
});

describe("what a guest printed", () => {
  test.each<[string, string, [string, string][] | undefined]>([
    [
      "the usual",
      "cpu=svm\nend=yes\n",
      [
        ["cpu", "svm"],
        ["end", "yes"],
      ],
    ],
    [
      "by Windows",
      "a=True\r\nend=yes\r\n",
      [
        ["a", "True"],
        ["end", "yes"],
      ],
    ],
    [
      "with noise",
      "motd\nCPU=x\n=\ncpu\nb=\nend=yes",
      [
        ["b", ""],
        ["end", "yes"],
      ],
    ],
    [
      "that an XML or a terminal would choke on",
      "a=\u001b[31m\u0000x\ufffe\u2028y\ud800\nend=yes",
      [
        ["a", "[31m x y"],
        ["end", "yes"],
      ],
    ],
    ["not to its end", "cpu=svm\nkvm=character 10:2", undefined],
    ["nothing", "", undefined],
  ])("%s", (_, output, expected) => {
    const read = parseFacts(output);
    expect(read && [...read]).toEqual(expected);
  });

  test("too much of it is left out", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `n${index}=v\n`).join("");
    expect(parseFacts(`end=yes\n${many}`)?.size).toBe(32);
    expect(parseFacts(`end=yes\na=${"x".repeat(1e6)}`)?.get("a")).toHaveLength(200);
  });
});
