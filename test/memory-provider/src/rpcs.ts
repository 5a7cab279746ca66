import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import type { ProviderServer, ProviderService } from "@virtrigaud/proto";
import type { Context } from "./context.ts";
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
import { listVMs } from "./rpc/list-vms.ts";
import { planVm } from "./rpc/plan-vm.ts";
import { prepareImage } from "./rpc/prepare-image.ts";
import { reconfigureVm } from "./rpc/reconfigure-vm.ts";
import { revertSnapshot } from "./rpc/revert-snapshot.ts";
import { setPower } from "./rpc/set-power.ts";
import { verifyNesting } from "./rpc/verify-nesting.ts";
import { watchOperation } from "./rpc/watch-operation.ts";
import { watchVMs } from "./rpc/watch-vms.ts";

/** Name of an RPC in the generated code. */
export type RpcName = keyof ProviderService;

type Streaming<K extends RpcName> =
  ProviderServer[K] extends handleServerStreamingCall<infer Request, infer Response>
    ? (request: Request, signal: AbortSignal) => AsyncIterable<Response>
    : never;

/** The contract's RPCs as plain functions: no wire, no metadata. */
export type Rpcs = {
  readonly [K in RpcName]: ProviderServer[K] extends handleUnaryCall<infer Request, infer Response>
    ? (request: Request, signal: AbortSignal) => Response | Promise<Response>
    : Streaming<K>;
};

/** All RPCs over one hypervisor. */
export function providerRpcs(context: Context): Rpcs {
  return {
    getInfo: () => getInfo(context),
    getCapabilities: () => getCapabilities(context),
    checkHosts: (request) => checkHosts(context, request),
    planVm: (request) => planVm(context, request),
    createVm: (request) => createVm(context, request),
    adoptVm: (request) => adoptVm(context, request),
    getVm: (request) => getVm(context, request),
    listVMs: (request) => listVMs(context, request),
    watchVMs: (request, signal) => watchVMs(context, request, signal),
    setPower: (request) => setPower(context, request),
    reconfigureVm: (request) => reconfigureVm(context, request),
    deleteVm: (request) => deleteVm(context, request),
    cloneVm: (request) => cloneVm(context, request),
    createSnapshot: (request) => createSnapshot(context, request),
    listSnapshots: (request) => listSnapshots(context, request),
    revertSnapshot: (request) => revertSnapshot(context, request),
    deleteSnapshot: (request) => deleteSnapshot(context, request),
    prepareImage: (request) => prepareImage(context, request),
    verifyNesting: (request) => verifyNesting(context, request),
    getOperation: (request) => getOperation(context, request),
    watchOperation: (request, signal) => watchOperation(context, request, signal),
    cancelOperation: (request) => cancelOperation(context, request),
    getConsole: (request) => getConsole(context, request),
  };
}
