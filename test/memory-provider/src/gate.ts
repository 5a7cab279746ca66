import { status } from "@grpc/grpc-js";
import { CloneMode, Feature, PowerAction, Support } from "@virtrigaud/proto";
import { capability } from "./capabilities.ts";
import type { Context } from "./context.ts";
import { Fault } from "./fault.ts";
import type { RpcName, Rpcs } from "./rpcs.ts";

type FeaturesOf = { readonly [K in RpcName]?: (request: Parameters<Rpcs[K]>[0]) => readonly Feature[] };

const when = (asked: boolean, feature: Feature) => (asked ? [feature] : []);

/** The features that a call needs; an RPC that is not here is part of every provider. */
const featuresOf: FeaturesOf = {
  checkHosts: () => [Feature.HOST_CHECK],
  planVm: () => [Feature.PLAN],
  adoptVm: () => [Feature.ADOPT],
  watchVMs: () => [Feature.WATCH],
  setPower: ({ action }) => [
    Feature.POWER,
    ...when(action === PowerAction.GRACEFUL_OFF, Feature.POWER_GRACEFUL_OFF),
    ...when(action === PowerAction.SUSPEND, Feature.POWER_SUSPEND),
  ],
  reconfigureVm: () => [Feature.RECONFIGURE],
  cloneVm: ({ mode }) => [mode === CloneMode.LINKED ? Feature.CLONE_LINKED : Feature.CLONE_FULL],
  createSnapshot: ({ includeMemory, quiesce }) => [
    Feature.SNAPSHOT,
    ...when(includeMemory, Feature.SNAPSHOT_MEMORY),
    ...when(quiesce, Feature.SNAPSHOT_QUIESCE),
  ],
  listSnapshots: () => [Feature.SNAPSHOT],
  revertSnapshot: () => [Feature.SNAPSHOT],
  deleteSnapshot: () => [Feature.SNAPSHOT],
  prepareImage: () => [Feature.IMAGE_PREPARE],
  verifyNesting: () => [Feature.NESTING_VERIFICATION],
  cancelOperation: () => [Feature.CANCEL_OPERATION],
  getConsole: () => [Feature.CONSOLE],
};

/** UNIMPLEMENTED for a call whose feature is UNSUPPORTED, UNAVAILABLE while the hypervisor cannot be reached. */
export function assertServed<K extends RpcName>(
  { hypervisor, without, isReachable }: Context,
  rpc: K,
  request: Parameters<Rpcs[K]>[0],
): void {
  for (const feature of featuresOf[rpc]?.(request) ?? []) {
    const { support, reason } = capability(hypervisor, without, feature);
    if (support !== Support.UNSUPPORTED) continue;
    throw new Fault(status.UNIMPLEMENTED, "UNIMPLEMENTED", `${feature}: ${reason}`);
  }
  if (isReachable() || rpc === "getInfo") return;
  const message = "the in-memory hypervisor cannot be reached; call again";
  throw new Fault(status.UNAVAILABLE, "HYPERVISOR_UNREACHABLE", message, { retryMs: 1_000 });
}
