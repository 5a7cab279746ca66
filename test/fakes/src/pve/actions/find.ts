import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import type { Vm } from "../model/vm.ts";

/** The VM of a call, when its configuration is on the call's node. */
export function loadVm(call: Call, vmid = call.vmid): Vm {
  const vm = call.cluster.vms.get(vmid);
  if (vm === undefined || vm.node !== call.node.name)
    fail(`Configuration file 'nodes/${call.node.name}/qemu-server/${vmid}.conf' does not exist`);
  return vm;
}

/** The same where PVE first asks whether the VM runs: the message differs. */
export function findVm(call: Call, vmid = call.vmid): Vm {
  const vm = call.cluster.vms.get(vmid);
  if (vm === undefined || vm.node !== call.node.name)
    fail(`unable to find configuration file for VM ${vmid} on node '${call.node.name}'`);
  return vm;
}

/** Fails when the VM is locked. */
export function mustBeUnlocked(vm: Vm): void {
  const lock = vm.config["lock"];
  if (lock !== undefined) fail(`VM is locked (${lock})`);
}

/** Fails when a digest that was given is not the configuration's. */
export function mustHaveDigest(vm: Vm, digest: string | undefined): void {
  if (digest !== undefined && digest !== "" && digest !== vm.digest)
    fail("checksum mismatch (file change by other user?)");
}

/** Fails when the VM is protected. */
export function mustBeUnprotected(vm: Vm, what: string): void {
  if (vm.config["protection"] === "1") fail(`${what} - protection mode enabled`);
}
