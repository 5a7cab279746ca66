/** What an error means to the caller: a canonical code by name, a reason, and what to do about it. */
export interface FaultMeaning {
  code:
    | "FAILED_PRECONDITION"
    | "ABORTED"
    | "RESOURCE_EXHAUSTED"
    | "NOT_FOUND"
    | "ALREADY_EXISTS"
    | "UNAVAILABLE"
    | "UNIMPLEMENTED"
    | "CANCELLED";
  reason: string;
  remedy: string;
}

/** A refusal in words that the table does not know. */
export const unlisted: FaultMeaning = {
  code: "FAILED_PRECONDITION",
  reason: "HYPERVISOR_FAULT",
  remedy:
    "Proxmox VE's own words are all there is to go by; the node's journal has more (journalctl -u pvedaemon)",
};

type Row = readonly [code: FaultMeaning["code"], reason: string, remedy: string, texts: readonly RegExp[]];

/**
 * Proxmox VE has one status, 500, and one task state, failed, for nearly everything: only the text tells. Each text names what writes it;
 * all of them are the same from 6.4 to 9.2 unless two are given.
 */
const rows: readonly Row[] = [
  [
    "ABORTED",
    "VMID_TAKEN",
    "another caller was faster; repeat the call, which takes the next VMID",
    // PVE::AbstractConfig create_and_lock_config, and PVE::API2::Qemu clone_vm
    [/VM \d+ already exists\b/, /unable to create VM \d+: config file already exists/],
  ],
  [
    "ABORTED",
    "BUSY",
    "another task works on it; repeat the call. If no task does: qm unlock VMID on its node",
    // PVE::AbstractConfig check_lock; PVE::Tools lock_file; PVE::Cluster cfs_lock
    [/VM is locked \(/, /can't lock file '[^']*'/, /cfs-lock '[^']*' error: /, /got lock request timeout/],
  ],
  [
    "ABORTED",
    "CONFIG_CHANGED",
    "someone else changed the VM at this moment; repeat the call",
    // PVE::Tools assert_if_modified
    [/checksum mismatch \(file change by other user\?\)/, /detected modified configuration/],
  ],
  [
    "ABORTED",
    "INVALID_STATE",
    "the VM's state does not allow it now; look and repeat the call",
    // PVE::QemuServer vm_start, check_running's callers, destroy_vm
    [
      /VM \d+ already running/,
      /VM \d+ (?:is )?not running/,
      /VM \d+ is running - destroy failed/,
      /VM is running\b/,
    ],
  ],
  [
    "NOT_FOUND",
    "NOT_FOUND",
    "it was removed or moved meanwhile; repeat the call",
    // PVE::AbstractConfig load_config, load_snapshot_config; PVE::API2::Qemu
    [
      /Configuration file 'nodes\/[^']*\.conf' does not exist/,
      /unable to find configuration file for VM \d+/,
      /snapshot '[^']*' does not exist/,
      /disk '[^']*' does not exist/,
    ],
  ],
  [
    "ALREADY_EXISTS",
    "NAME_TAKEN",
    "choose another name",
    // PVE::AbstractConfig snapshot_prepare
    [/snapshot name '[^']*' already used/],
  ],
  [
    "RESOURCE_EXHAUSTED",
    "STORAGE_FULL",
    "free space on the storage or choose another storage class",
    // strerror(ENOSPC) by qemu-img, LVM and Ceph; LVM; ZFS
    [
      /No space left on device/,
      /insufficient free space/,
      /free space in thin pool [^ ]+ reached threshold/,
      /cannot create '[^']*': out of space/,
    ],
  ],
  [
    "RESOURCE_EXHAUSTED",
    "HOST_MEMORY",
    "the node has not as much memory left; stop something, lower memory, or name another node in placement.host",
    // strerror(ENOMEM) by QEMU
    [/cannot set up guest memory/, /VM memory hotplug failed/],
  ],
  [
    "FAILED_PRECONDITION",
    "VM_PROTECTED",
    "someone protected the VM; if it shall go: qm set VMID --protection 0 on its node",
    // PVE::AbstractConfig check_protection
    [/protection mode enabled/],
  ],
  [
    "FAILED_PRECONDITION",
    "CLONES_EXIST",
    "linked clones rest on it; delete those first",
    // PVE::Storage vdisk_free
    [/base volume '[^']*' is still in use by linked clone/],
  ],
  [
    "FAILED_PRECONDITION",
    "CLONE_UNSUPPORTED",
    "the storage cannot do that kind of clone; set fullClone: true, or move the template to lvmthin, zfs, rbd or a directory",
    // PVE::API2::Qemu clone_vm
    [/(?:Linked|Full) clone feature is not supported/],
  ],
  [
    "FAILED_PRECONDITION",
    "SNAPSHOT_UNSUPPORTED",
    "a disk is on a storage without snapshots; move it to lvmthin, zfs, rbd, or as qcow2 to a directory (qm disk move)",
    // PVE::AbstractConfig snapshot_prepare
    [/snapshot feature is not available/],
  ],
  [
    "FAILED_PRECONDITION",
    "DISK_SHRINK",
    "disks only grow; ask for a larger size",
    // PVE::API2::Qemu resize_vm
    [/shrinking disks is not supported/],
  ],
  [
    "FAILED_PRECONDITION",
    "STORAGE_UNKNOWN",
    "the storage is gone, off, or not for this; look with pvesm status",
    // PVE::Storage storage_config, storage_check_enabled; PVE::API2::Qemu
    [
      /storage '[^']*' does not exist/,
      /storage '[^']*' is (?:disabled|not online|not available on node)/,
      /storage '[^']*' does not support (?:vm images|content-type|'[^']*' content)/,
      /storage '[^']*' is not configured for content-type/,
    ],
  ],
  [
    "FAILED_PRECONDITION",
    "PLACEMENT_UNKNOWN",
    "correct placement, or the operator's defaults",
    // PVE::API2::Qemu; PVE::Cluster remote_node_ip; pve-bridge
    [/pool '[^']*' does not exist/, /hostname lookup '[^']*' failed/, /bridge '[^']*' does not exist/],
  ],
  [
    "FAILED_PRECONDITION",
    "CAPACITY",
    "no VM has more CPUs than its node has threads; lower cpu or name another node in placement.host",
    // PVE::QemuServer config_to_command
    [/MAX \d+ vcpus allowed per VM on this node/],
  ],
  [
    "FAILED_PRECONDITION",
    "KVM_UNAVAILABLE",
    "switch on VT-x or AMD-V in the node's firmware setup, or let VMs run by emulation: Provider.spec.accel: tcg",
    // PVE::QemuServer config_to_command
    [/KVM virtualisation configured, but not available/],
  ],
  [
    "FAILED_PRECONDITION",
    "NESTED_UNSUPPORTED",
    "the node's KVM does not let guests nest; CheckHosts tells how to switch that on",
    // QEMU's x86_cpu_filter_features, about the two features of nesting; PVE::QemuServer::CPUConfig
    [/doesn't support requested feature: CPUID\.\w+:ECX\.(?:vmx|svm) /, /ignoring 'nested-virt' CPU flag/],
  ],
  [
    "FAILED_PRECONDITION",
    "CPU_UNSUPPORTED",
    "the node's CPU lacks what the CPU model has; set the provider's cpuModel to an older model of its vendor, or to host",
    // QEMU's x86_cpu_filter_features with `enforce`
    [/[Hh]ost doesn't support requested features?/],
  ],
  [
    "FAILED_PRECONDITION",
    "GUEST_AGENT_MISSING",
    "qemu-guest-agent does not answer in the guest; install and start it, or power the VM off",
    // PVE::QemuServer::Agent
    [/No QEMU guest agent configured/, /QEMU guest agent is not running/],
  ],
  [
    "FAILED_PRECONDITION",
    "GUEST_TIMEOUT",
    "the guest did not shut down in time; wait longer, or power the VM off",
    // PVE::QemuServer vm_stop
    [/VM quit\/powerdown failed/],
  ],
  [
    "FAILED_PRECONDITION",
    "IMAGE_CHECKSUM_MISMATCH",
    "the file is not what the image's checksum says; correct the one or the other",
    // PVE::Tools download_file_from_url
    [/checksum mismatch: got '/],
  ],
  [
    "FAILED_PRECONDITION",
    "IMAGE_DOWNLOAD_FAILED",
    "the node cannot fetch the file; open the URL from the node's shell (wget), and look at its proxy under Datacenter > Options",
    // PVE::Tools download_file_from_url; PVE::API2::Nodes query_url_metadata
    [/download failed: /, /invalid server response: '/],
  ],
  [
    "FAILED_PRECONDITION",
    "CONFIGURATION_REFUSED",
    "Proxmox VE cannot build this machine; its words name the setting",
    // PVE::QemuServer::Machine, ::Memory, config_to_command
    [
      /Intel vIOMMU/,
      /NUMA needs to be enabled for memory hotplug/,
      /must be aligned to \d+ for hotplugging/,
      /balloon value too large/,
    ],
  ],
  [
    "UNAVAILABLE",
    "NO_QUORUM",
    "the cluster has no quorum, so nothing in it can be changed; start the other nodes and repeat the call",
    // PVE::Cluster check_cfs_quorum
    [/cluster not ready - no quorum/],
  ],
  [
    "CANCELLED",
    "CANCELLED",
    "the task was stopped",
    // PVE::RESTEnvironment fork_worker
    [/received interrupt|interrupted by signal/],
  ],
  [
    "ABORTED",
    "INTERRUPTED",
    "the node went down while the task ran; look and repeat the call",
    // PVE::Tools upid_read_status
    [/^unexpected status$/],
  ],
];

/** What a text means, of an answer's status line or a task's end; undefined for one that no row knows. */
export function meaningOfText(text: string): FaultMeaning | undefined {
  const row = rows.find(([, , , texts]) => texts.some((pattern) => pattern.test(text)));
  return row && { code: row[0], reason: row[1], remedy: row[2] };
}
