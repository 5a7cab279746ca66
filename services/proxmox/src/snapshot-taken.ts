import { ProviderError, status } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { parseUpid } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { attempt, unlessGone } from "./errors.ts";
import { isLastTask } from "./last-task.ts";
import { freezeFailed } from "./mapping/snapshot-notes.ts";
import type { TaskOperation } from "./operation-name.ts";
import { snapshotOf } from "./snapshots.ts";
import { failed } from "./task-operation.ts";

/** The operation with the snapshot that it took. */
export async function withSnapshot(
  cluster: Cluster,
  done: Operation,
  { upid, subject }: TaskOperation,
  call: Call,
): Promise<Operation> {
  const { node = "", vmid = 0 } = parseUpid(upid) ?? {};
  const value = await snapshotOf(cluster, { node, vmid }, subject, call);
  return { ...done, result: { $case: "snapshot", value } };
}

/** The same of a snapshot that had to be quiesced: Proxmox VE takes it all the same when freezing fails, and then it is removed again. */
export async function quiescedNow(
  cluster: Cluster,
  done: Operation,
  task: TaskOperation,
  call: Call,
): Promise<Operation> {
  const { upid, subject } = task;
  const log = await attempt(`reading task ${upid}`, () => cluster.tasks.log(upid, call));
  const problem = freezeFailed(log);
  if (problem === undefined) return withSnapshot(cluster, done, task, call);
  const { node = "", vmid = 0 } = parseUpid(upid) ?? {};
  const { snapshot } = cluster.pve.api(call).nodes.$(node).qemu.$(vmid);
  // One that was taken since is another operation's.
  if (await isLastTask(cluster, upid, call))
    await attempt(`removing snapshot ${subject}`, () => unlessGone(snapshot.$(subject).$delete()));
  return failed({ ...done, progressPercent: undefined }, notFrozen(problem));
}

const notFrozen = (problem: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "GUEST_AGENT_MISSING",
    message: `the guest's file systems were not frozen (${problem.trim()}), so the snapshot was removed again; start qemu-guest-agent in the guest, or leave quiesce out`,
  });
