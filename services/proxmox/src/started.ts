import { ProviderError, status } from "@virtrigaud/kit";
import { type Operation, OperationState } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import type { ReadVm } from "./mapping/existing.ts";
import { needsNesting } from "./mapping/nesting.ts";
import { requestedSpec } from "./mapping/ownership.ts";
import { effectiveSpec } from "./mapping/plan.ts";
import { readStartLog } from "./mapping/start-log.ts";
import { isLastTask } from "./last-task.ts";
import type { TaskOperation } from "./operation-name.ts";
import { markerOf } from "./ownership.ts";
import { failed } from "./task-operation.ts";

/**
 * A start that ended with warnings. Where nesting is required and Proxmox VE left it out, the VM is powered off again, which whoever looks does:
 * a guest that cannot nest must not be taken for one that can.
 */
export async function startedNow(
  cluster: Cluster,
  done: Operation,
  { uid, upid }: TaskOperation,
  log: readonly string[],
  call: Call,
): Promise<Operation> {
  if (!readStartLog(log, true).nestingIgnored) return done;
  const found = await cluster.vms.byUid(uid, call);
  const asked = found && requestedSpec(markerOf(found));
  if (found === undefined || asked === undefined || !needsNesting(effectiveSpec(asked).spec)) return done;
  // A later start is another operation's.
  if (found.power.status === "running" && (await isLastTask(cluster, upid, call))) {
    const { status: power } = cluster.pve.api(call).nodes.$(found.node).qemu.$(found.vmid);
    await attempt(`powering off VM ${found.name} again`, () => power.stop.$post());
    cluster.vms.known.changed(uid);
    return { ...done, state: OperationState.RUNNING, progressPercent: undefined };
  }
  return failed({ ...done, progressPercent: undefined }, nestingIgnored(found));
}

const nestingIgnored = ({ name, node }: ReadVm): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "NESTED_UNSUPPORTED",
    message: `node ${node} started VM ${name} without nested virtualization, which the VM requires ("ignoring 'nested-virt' CPU flag"), so it was powered off again; CheckHosts tells how to switch nesting on there`,
  });
