import { describe, expect, test } from "@jest/globals";
import { faultMeaning, faultSentence, faultViolations } from "./faults.ts";
import { nestedGuard } from "./nested-guard.ts";
import { readStartLog } from "./start-log.ts";
import { taskMeaning, taskSentence } from "./task-faults.ts";

const fault = (status: number, reason: string, errors = {}) => ({ status, reason, errors });

describe("refusals", () => {
  test.each<[number, string, string, string]>([
    [401, "Authentication failed!", "FAILED_PRECONDITION", "HYPERVISOR_CREDENTIALS"],
    [401, "permission denied - invalid PVE ticket", "FAILED_PRECONDITION", "HYPERVISOR_CREDENTIALS"],
    [
      403,
      "Permission check failed (/vms/121, VM.Config.CPU)",
      "FAILED_PRECONDITION",
      "HYPERVISOR_PERMISSION",
    ],
    [500, "only root can set 'args' config", "FAILED_PRECONDITION", "HYPERVISOR_PERMISSION"],
    [
      500,
      "Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.",
      "FAILED_PRECONDITION",
      "HYPERVISOR_PERMISSION",
    ],
    [500, "unable to create VM 910 - VM 910 already exists on node 'pve1'", "ABORTED", "VMID_TAKEN"],
    [500, "unable to create VM 921: config file already exists", "ABORTED", "VMID_TAKEN"],
    [500, "VM is locked (backup)", "ABORTED", "BUSY"],
    [500, "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", "ABORTED", "BUSY"],
    [500, "cfs-lock 'file-user_cfg' error: got lock request timeout", "ABORTED", "BUSY"],
    [500, "checksum mismatch (file change by other user?)", "ABORTED", "CONFIG_CHANGED"],
    [500, "VM 922 is running - destroy failed", "ABORTED", "INVALID_STATE"],
    [500, "VM 922 is not running", "ABORTED", "INVALID_STATE"],
    [500, "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist", "NOT_FOUND", "NOT_FOUND"],
    [500, "unable to find configuration file for VM 999 on node 'pve1'", "NOT_FOUND", "NOT_FOUND"],
    [500, "snapshot 's1' does not exist", "NOT_FOUND", "NOT_FOUND"],
    [500, "can't remove VM 910 - protection mode enabled", "FAILED_PRECONDITION", "VM_PROTECTED"],
    [500, "storage 'nostore' does not exist", "FAILED_PRECONDITION", "STORAGE_UNKNOWN"],
    [
      500,
      "Linked clone feature is not supported for 'local:920/vm-920-disk-0.qcow2' (scsi0)",
      "FAILED_PRECONDITION",
      "CLONE_UNSUPPORTED",
    ],
    [
      500,
      "to use Intel vIOMMU please set the machine type to q35",
      "FAILED_PRECONDITION",
      "CONFIGURATION_REFUSED",
    ],
    [500, "No QEMU guest agent configured", "FAILED_PRECONDITION", "GUEST_AGENT_MISSING"],
    [500, "QEMU guest agent is not running", "FAILED_PRECONDITION", "GUEST_AGENT_MISSING"],
    [
      500,
      "hostname lookup 'nowhere' failed - failed to get address info",
      "FAILED_PRECONDITION",
      "PLACEMENT_UNKNOWN",
    ],
    [500, "invalid server response: '500 Can't connect'", "FAILED_PRECONDITION", "IMAGE_DOWNLOAD_FAILED"],
    [500, "cluster not ready - no quorum?", "UNAVAILABLE", "NO_QUORUM"],
    [501, "Method 'GET /nodes/pve1/nonsense' not implemented", "UNIMPLEMENTED", "HYPERVISOR_VERSION"],
    [595, "No route to host", "UNAVAILABLE", "NODE_UNREACHABLE"],
    [599, "Too many redirections", "UNAVAILABLE", "NODE_UNREACHABLE"],
    [500, "something of the future", "FAILED_PRECONDITION", "HYPERVISOR_FAULT"],
  ])("%d %s", (status, reason, code, meaning) => {
    expect(faultMeaning(fault(status, reason))).toMatchObject({ code, reason: meaning });
  });

  test("name the privilege, the path and the command", () => {
    expect(
      faultSentence(
        "creating VM a",
        fault(403, "Permission check failed (/vms/121, VM.Config.CPU|VM.Config.Disk)"),
      ),
    ).toBe(
      "creating VM a: Proxmox VE 403: Permission check failed (/vms/121, VM.Config.CPU|VM.Config.Disk); give the provider's token VM.Config.CPU or VM.Config.Disk on /vms/121: pveum acl modify /vms/121 --tokens 'USER@REALM!NAME' --roles ROLE; a token with privilege separation needs it beside its user",
    );
    expect(faultMeaning(fault(403, "Permission check failed")).remedy).toContain("docs/providers/proxmox.md");
  });

  test("name the knobs", () => {
    const refused = fault(400, "Parameter verification failed.", {
      cpu: "invalid format - VM-specific CPU flags must be a subset of: aes\n",
      onboot: "type check ('boolean') failed",
    });
    expect(faultMeaning(refused)).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "CONFIGURATION_REFUSED",
    });
    expect(faultViolations(refused)).toEqual([
      {
        field: "spec.nested_virtualization",
        reason: "CONFIGURATION_REFUSED",
        description: "cpu: invalid format - VM-specific CPU flags must be a subset of: aes",
      },
    ]);
    expect(faultSentence("creating VM a", refused)).toContain("; onboot: type check ('boolean') failed; ");
  });

  test.each([
    [{ upid: "no such task" }, "NOT_FOUND", "NOT_FOUND"],
    [{ vmid: "VM 140 already exists" }, "ABORTED", "VMID_TAKEN"],
    [{ skiplock: "Only root may use this option." }, "FAILED_PRECONDITION", "HYPERVISOR_PERMISSION"],
  ])("of parameters %j", (errors, code, reason) => {
    expect(faultMeaning(fault(400, "Parameter verification failed.", errors))).toMatchObject({
      code,
      reason,
    });
  });
});

describe("tasks that failed", () => {
  test.each<[string, string[], string, string]>([
    ["VM is locked (backup)", [], "ABORTED", "BUSY"],
    ["VM 922 already running", [], "ABORTED", "INVALID_STATE"],
    ["snapshot name 's1' already used", [], "ALREADY_EXISTS", "NAME_TAKEN"],
    ["snapshot feature is not available", [], "FAILED_PRECONDITION", "SNAPSHOT_UNSUPPORTED"],
    ["shrinking disks is not supported", [], "FAILED_PRECONDITION", "DISK_SHRINK"],
    ["VM quit/powerdown failed - got timeout", [], "FAILED_PRECONDITION", "GUEST_TIMEOUT"],
    [
      "base volume 'local:920/base-920-disk-0.qcow2' is still in use by linked cloned",
      [],
      "FAILED_PRECONDITION",
      "CLONES_EXIST",
    ],
    ["MAX 2 vcpus allowed per VM on this node", [], "FAILED_PRECONDITION", "CAPACITY"],
    [
      "KVM virtualisation configured, but not available. Either disable in VM configuration or enable in BIOS.",
      [],
      "FAILED_PRECONDITION",
      "KVM_UNAVAILABLE",
    ],
    [
      "unable to create VM 923 - to use Intel vIOMMU please set the machine type to q35",
      [],
      "FAILED_PRECONDITION",
      "CONFIGURATION_REFUSED",
    ],
    [
      "unable to create VM 100 - unable to create image: qemu-img: /x: Could not write to file: No space left on device",
      [],
      "RESOURCE_EXHAUSTED",
      "STORAGE_FULL",
    ],
    [
      "clone failed: lvcreate 'pve/x' error:   Volume group \"pve\" has insufficient free space",
      [],
      "RESOURCE_EXHAUSTED",
      "STORAGE_FULL",
    ],
    [
      "lvcreate 'pve/x' error:   Cannot create new thin volume, free space in thin pool pve/data reached threshold.",
      [],
      "RESOURCE_EXHAUSTED",
      "STORAGE_FULL",
    ],
    ["zfs error: cannot create 'rpool/data/x': out of space", [], "RESOURCE_EXHAUSTED", "STORAGE_FULL"],
    ["checksum mismatch: got 'a' != expect 'b'", [], "FAILED_PRECONDITION", "IMAGE_CHECKSUM_MISMATCH"],
    ["download failed: exit code 8", [], "FAILED_PRECONDITION", "IMAGE_DOWNLOAD_FAILED"],
    ["unexpected status", [], "ABORTED", "INTERRUPTED"],
    ["received interrupt", [], "CANCELLED", "CANCELLED"],
    ["start failed: QEMU exited with code 1", [], "FAILED_PRECONDITION", "HYPERVISOR_FAULT"],
    [
      "start failed: QEMU exited with code 1",
      [
        "kvm: warning: host doesn't support requested feature: CPUID.01H:ECX.vmx [bit 5]",
        "kvm: Host doesn't support requested features",
        "TASK ERROR: start failed: QEMU exited with code 1",
      ],
      "FAILED_PRECONDITION",
      "NESTED_UNSUPPORTED",
    ],
    [
      "start failed: QEMU exited with code 1",
      ["kvm: warning: host doesn't support requested feature: CPUID.80000001H:ECX.fma4 [bit 16]"],
      "FAILED_PRECONDITION",
      "CPU_UNSUPPORTED",
    ],
    [
      "start failed: QEMU exited with code 1",
      ["kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory"],
      "RESOURCE_EXHAUSTED",
      "HOST_MEMORY",
    ],
    [
      "start failed: QEMU exited with code 1",
      ["bridge 'vmbr9' does not exist"],
      "FAILED_PRECONDITION",
      "PLACEMENT_UNKNOWN",
    ],
  ])("%s %j", (exitStatus, log, code, reason) => {
    expect(taskMeaning({ exitStatus, log })).toMatchObject({ code, reason });
  });

  test("say what QEMU said", () => {
    const log = [
      "generating cloud-init ISO",
      "kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory",
    ];
    expect(taskSentence("starting VM a", { exitStatus: "start failed: QEMU exited with code 1", log })).toBe(
      "starting VM a: Proxmox VE's task failed: start failed: QEMU exited with code 1 (kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory); the node has not as much memory left; stop something, lower memory, or name another node in placement.host",
    );
    const unknown = {
      exitStatus: "start failed: QEMU exited with code 1",
      log: ["kvm: -device x: odd", "TASK ERROR: y"],
    };
    expect(taskSentence("starting VM a", unknown)).toContain("(kvm: -device x: odd)");
  });
});

describe("the log of a start", () => {
  const ignored = "WARN: ignoring 'nested-virt' CPU flag - unable to resolve from host CPU flags";
  const certificates = "WARN: EFI disk without 'ms-cert=2023k' option";
  test.each<[string[], boolean, ReturnType<typeof readStartLog>]>([
    [["TASK OK"], true, { nestingIgnored: false, nestedFeature: undefined, warnings: [] }],
    [
      ["CPU flag 'nested-virt' resolved to 'svm'", "TASK OK"],
      true,
      { nestingIgnored: false, nestedFeature: "svm", warnings: [] },
    ],
    [[ignored, "TASK WARNINGS: 1"], true, { nestingIgnored: true, nestedFeature: undefined, warnings: [] }],
    [
      [ignored, certificates],
      false,
      { nestingIgnored: false, nestedFeature: undefined, warnings: [certificates.slice("WARN: ".length)] },
    ],
  ])("%j, nesting required: %s", (log, needsNesting, reading) => {
    expect(readStartLog(log, needsNesting)).toEqual(reading);
  });
});

describe("VMs inside a VM are guarded", () => {
  test.each<[string, boolean, boolean]>([
    ["EPYC-Milan,flags=+nested-virt", false, true],
    ["host", false, true],
    ["host,flags=-nested-virt", false, false],
    ["x86-64-v2-AES", false, false],
    ["EPYC-Milan,flags=+nested-virt", true, false],
  ])("cpu=%s, override %s: %s", (cpu, override, isGuarded) => {
    const message = nestedGuard("a", { cpu }, "a snapshot with memory", override);
    expect(message !== undefined).toBe(isGuarded);
    if (isGuarded)
      expect(message).toBe(
        `VM a can host VMs (cpu=${cpu}) and a snapshot with memory may break those; shut it down first, or set override_nested_guard`,
      );
  });
});
