import type { Routes } from "@virtrigaud/kit";
import { cancelOperation } from "./rpc/cancel-operation.ts";
import { checkHosts } from "./rpc/check-hosts.ts";
import { createVm } from "./rpc/create-vm.ts";
import { deleteVm } from "./rpc/delete-vm.ts";
import { getCapabilities } from "./rpc/get-capabilities.ts";
import { getInfo } from "./rpc/get-info.ts";
import { getOperation } from "./rpc/get-operation.ts";
import { getVm } from "./rpc/get-vm.ts";
import { listVms } from "./rpc/list-vms.ts";
import { planVm } from "./rpc/plan-vm.ts";
import { setPower } from "./rpc/set-power.ts";
import { watchOperation } from "./rpc/watch-operation.ts";
import type { Vcenter } from "./vcenter.ts";

/** What this provider implements; every other RPC answers UNIMPLEMENTED and is UNSUPPORTED in its capabilities. */
export const routes = (vcenter: Vcenter): Routes => ({
  getInfo: getInfo(vcenter),
  getCapabilities: getCapabilities(vcenter),
  checkHosts: checkHosts(vcenter),
  planVm: planVm(vcenter),
  createVm: createVm(vcenter),
  getVm: getVm(vcenter),
  listVMs: listVms(vcenter),
  setPower: setPower(vcenter),
  deleteVm: deleteVm(vcenter),
  getOperation: getOperation(vcenter),
  watchOperation: watchOperation(vcenter),
  cancelOperation: cancelOperation(vcenter),
});
