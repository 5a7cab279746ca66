import type { Routes } from "@virtrigaud/kit";
import type { Host } from "./host.ts";
import { adoptVm } from "./rpc/adopt-vm.ts";
import { cancelOperation } from "./rpc/cancel-operation.ts";
import { checkHosts } from "./rpc/check-hosts.ts";
import { createVm } from "./rpc/create-vm.ts";
import { deleteVm } from "./rpc/delete-vm.ts";
import { getCapabilities } from "./rpc/get-capabilities.ts";
import { getConsole } from "./rpc/get-console.ts";
import { getInfo } from "./rpc/get-info.ts";
import { getOperation } from "./rpc/get-operation.ts";
import { getVm } from "./rpc/get-vm.ts";
import { listVms } from "./rpc/list-vms.ts";
import { planVm } from "./rpc/plan-vm.ts";
import { prepareImage } from "./rpc/prepare-image.ts";
import { setPower } from "./rpc/set-power.ts";
import { verifyNesting } from "./rpc/verify-nesting.ts";
import { createSnapshot } from "./rpc/create-snapshot.ts";
import { deleteSnapshot } from "./rpc/delete-snapshot.ts";
import { listSnapshots } from "./rpc/list-snapshots.ts";
import { reconfigureVm } from "./rpc/reconfigure-vm.ts";
import { revertSnapshot } from "./rpc/revert-snapshot.ts";
import { cloneVm } from "./rpc/clone-vm.ts";
import { watchOperation } from "./rpc/watch-operation.ts";
import { watchVms } from "./rpc/watch-vms.ts";

/** Every RPC of the contract. */
export const routes = (host: Host): Routes => ({
  getInfo: getInfo(host),
  getCapabilities: getCapabilities(host),
  checkHosts: checkHosts(host),
  planVm: planVm(host),
  createVm: createVm(host),
  adoptVm: adoptVm(host),
  getVm: getVm(host),
  listVMs: listVms(host),
  watchVMs: watchVms(host),
  setPower: setPower(host),
  deleteVm: deleteVm(host),
  reconfigureVm: reconfigureVm(host),
  cloneVm: cloneVm(host),
  createSnapshot: createSnapshot(host),
  listSnapshots: listSnapshots(host),
  revertSnapshot: revertSnapshot(host),
  deleteSnapshot: deleteSnapshot(host),
  prepareImage: prepareImage(host),
  verifyNesting: verifyNesting(host),
  getOperation: getOperation(host),
  watchOperation: watchOperation(host),
  cancelOperation: cancelOperation(host),
  getConsole: getConsole(host),
});
