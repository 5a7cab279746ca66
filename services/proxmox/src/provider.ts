import type { Routes } from "@virtrigaud/kit";
import type { Cluster } from "./cluster.ts";
import { adoptVm } from "./rpc/adopt-vm.ts";
import { cancelOperation } from "./rpc/cancel-operation.ts";
import { checkHosts } from "./rpc/check-hosts.ts";
import { cloneVm } from "./rpc/clone-vm.ts";
import { createSnapshot } from "./rpc/create-snapshot.ts";
import { createVm } from "./rpc/create-vm.ts";
import { deleteSnapshot } from "./rpc/delete-snapshot.ts";
import { deleteVm } from "./rpc/delete-vm.ts";
import { getCapabilities } from "./rpc/get-capabilities.ts";
import { getConsole } from "./rpc/get-console.ts";
import { getInfo } from "./rpc/get-info.ts";
import { getOperation } from "./rpc/get-operation.ts";
import { getVm } from "./rpc/get-vm.ts";
import { listSnapshots } from "./rpc/list-snapshots.ts";
import { listVms } from "./rpc/list-vms.ts";
import { planVm } from "./rpc/plan-vm.ts";
import { prepareImage } from "./rpc/prepare-image.ts";
import { reconfigureVm } from "./rpc/reconfigure-vm.ts";
import { revertSnapshot } from "./rpc/revert-snapshot.ts";
import { setPower } from "./rpc/set-power.ts";
import { verifyNesting } from "./rpc/verify-nesting.ts";
import { watchOperation } from "./rpc/watch-operation.ts";
import { watchVms } from "./rpc/watch-vms.ts";

/** Every RPC of the contract. */
export const routes = (cluster: Cluster): Routes => ({
  getInfo: getInfo(cluster),
  getCapabilities: getCapabilities(cluster),
  checkHosts: checkHosts(cluster),
  planVm: planVm(cluster),
  createVm: createVm(cluster),
  adoptVm: adoptVm(cluster),
  getVm: getVm(cluster),
  listVMs: listVms(cluster),
  watchVMs: watchVms(cluster),
  setPower: setPower(cluster),
  reconfigureVm: reconfigureVm(cluster),
  deleteVm: deleteVm(cluster),
  cloneVm: cloneVm(cluster),
  createSnapshot: createSnapshot(cluster),
  listSnapshots: listSnapshots(cluster),
  revertSnapshot: revertSnapshot(cluster),
  deleteSnapshot: deleteSnapshot(cluster),
  prepareImage: prepareImage(cluster),
  verifyNesting: verifyNesting(cluster),
  getOperation: getOperation(cluster),
  watchOperation: watchOperation(cluster),
  cancelOperation: cancelOperation(cluster),
  getConsole: getConsole(cluster),
});
