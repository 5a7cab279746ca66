import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import type { Cluster } from "../model/cluster.ts";
import type { VmConfig } from "../model/config.ts";
import type { Node } from "../model/node.ts";
import type { Worker } from "../model/tasks.ts";
import { memoryMibOf, type Vm } from "../model/vm.ts";
import { applyPending } from "./apply-pending.ts";
import { startCpu } from "./cpu.ts";
import { drivesOf, findVolume, isCloudinit, volumeOf } from "./drive.ts";
import { loadVm, mustBeUnlocked } from "./find.ts";
import { checkMachine, machineOf } from "./machine.ts";

const MIB = 2 ** 20;

/** Starts a task that starts a VM; gives its UPID. The VM need not even exist: then the task fails. */
export function forkStart(call: Call, vmid = call.vmid): string {
  return call.fork("qmstart", vmid, (worker) =>
    call.cluster.locks.hold(vmid, 10, async () => {
      const vm = loadVm(call, vmid);
      if (vm.isTemplate) fail("you can't start a vm if it's a template");
      if (vm.config["lock"] !== "suspended") mustBeUnlocked(vm);
      if (vm.isRunning) fail(`VM ${vmid} already running`);
      await startVm(call, vm, worker);
    }),
  );
}

/** Starts QEMU for a VM whose lock is held. */
export async function startVm(call: Call, vm: Vm, worker: Worker): Promise<void> {
  const { cluster } = call;
  const node = call.node;
  const resumed = vm.config["lock"] === "suspended";
  if (!resumed) applyPending(call, vm, worker);
  if (drivesOf(cluster, vm.config).some(([, drive]) => isCloudinit(drive)))
    worker.print("generating cloud-init ISO");
  const config = { ...vm.config };
  warnOfOldCertificates(cluster, vm, worker);
  checkVolumes(cluster, node, config);
  checkMachine(config["machine"]);
  if (config["kvm"] !== "0" && !node.kvm)
    fail(
      "KVM virtualisation configured, but not available. Either disable in VM configuration or enable in BIOS.",
    );
  checkTopology(node, config);
  const cpu = startCpu(cluster, node, config, worker);
  checkBridges(node, config, worker);
  checkRoom(cluster, node, config, worker);
  await worker.step();
  const machine = machineOf(config["machine"], cluster.release.qemu);
  const view = { vmid: vm.vmid, node: node.name, config, virtualization: cpu.virtualization };
  vm.process = {
    pid: cluster.nextPid(),
    startedAtMs: Date.now(),
    status: "running",
    config,
    machine,
    cpu: cpu.argument,
    virtualization: cpu.virtualization,
    guest: cluster.guestScript(view),
    programs: new Map(),
    files: new Map(),
    frozen: false,
  };
  if (resumed) removeState(call, vm, worker);
}

/** The memory is back in QEMU. */
function removeState({ cluster }: Call, vm: Vm, worker: Worker): void {
  worker.print("Resumed VM, removing state");
  const found = findVolume(cluster, vm.node, vm.config["vmstate"] ?? "");
  found?.storage.free(vm.node, found.volume);
  for (const key of ["lock", "vmstate", "runningcpu", "runningmachine"]) delete vm.config[key];
}

function warnOfOldCertificates(cluster: Cluster, vm: Vm, worker: Worker): void {
  const efi = vm.config["efidisk0"];
  if (cluster.release.major < 9 || vm.config["bios"] !== "ovmf" || efi === undefined) return;
  if (!/pre-enrolled-keys=1/.test(efi) || /ms-cert=2023k/.test(efi)) return;
  worker.warn(
    "EFI disk without 'ms-cert=2023k' option, suggesting that not all UEFI 2023\ncertificates from Microsoft are enrolled yet.",
  );
}

function checkVolumes(cluster: Cluster, node: Node, config: Readonly<VmConfig>): void {
  for (const [, drive] of drivesOf(cluster, config))
    if (!/^(none|cdrom|\/.*)$/.test(drive.file)) volumeOf(cluster, node.name, drive.file);
}

function checkTopology(node: Node, config: Readonly<VmConfig>): void {
  const most = Number(config["sockets"] ?? config["smp"] ?? 1) * Number(config["cores"] ?? 1);
  if (most > node.cpus) fail(`MAX ${node.cpus} vcpus allowed per VM on this node`);
  if (Number(config["vcpus"] ?? most) > most) fail("you can't add more vcpus than maxcpus");
  if (!/memory/.test(config["hotplug"] ?? "")) return;
  if (config["numa"] !== "1") fail("NUMA needs to be enabled for memory hotplug");
  if (memoryMibOf(config) < 1024) fail("minimum memory must be 1024MB");
}

function checkBridges(node: Node, config: Readonly<VmConfig>, worker: Worker): void {
  for (const [name, value] of Object.entries(config)) {
    const bridge = /^net\d+$/.test(name) ? /bridge=([^,]+)/.exec(value)?.[1] : undefined;
    if (bridge === undefined || node.bridges.includes(bridge)) continue;
    worker.print(`bridge '${bridge}' does not exist`);
    worker.print(
      `kvm: -netdev type=tap,id=${name}: network script /var/lib/qemu-server/pve-bridge failed with status 512`,
    );
    fail("start failed: QEMU exited with code 1");
  }
}

function checkRoom(cluster: Cluster, node: Node, config: Readonly<VmConfig>, worker: Worker): void {
  if (memoryMibOf(config) * MIB + usedMemory(cluster, node) <= node.memoryBytes) return;
  worker.print("kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory");
  fail("start failed: QEMU exited with code 1");
}

/** Bytes of a node that the system and running VMs use. */
export function usedMemory(cluster: Cluster, node: Node): number {
  const running = [...cluster.vms.values()].filter((vm) => vm.isRunning && vm.node === node.name);
  return running.reduce((sum, vm) => sum + residentBytes(vm), node.systemBytes);
}

/** What a running VM really takes: half of what it has, as guests seldom touch all. */
export function residentBytes(vm: Vm): number {
  return vm.process === undefined ? 0 : Math.floor((memoryMibOf(vm.process.config) * MIB) / 2);
}
