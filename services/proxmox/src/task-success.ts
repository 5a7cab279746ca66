import { type Operation, OperationState, type PreparedImage } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { parseUpid } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { preparedImage } from "./mapping/image-import.ts";
import { ownerTag } from "./mapping/ownership.ts";
import type { TaskOperation } from "./operation-name.ts";
import { keepFindable } from "./keep-findable.ts";
import { restartedNow } from "./restarted.ts";
import { quiescedNow, withSnapshot } from "./snapshot-taken.ts";
import { startedNow } from "./started.ts";
import { readTemplate } from "./templates.ts";

/** A task that has done its work, with what follows from it. `log` holds all lines of one that ended with warnings. */
export async function succeeded(
  cluster: Cluster,
  running: Operation,
  task: TaskOperation,
  log: readonly string[],
  call: Call,
): Promise<Operation> {
  const done: Operation = {
    ...running,
    description: described(running.description, log),
    state: OperationState.SUCCEEDED,
    progressPercent: 100,
  };
  const { known } = cluster.vms;
  switch (task.action) {
    case "create":
    case "clone":
    case "import":
      known.made(task.uid);
      return done;
    case "destroy":
      known.changed(task.uid);
      known.forget(task.uid);
      return done;
    case "snapshot":
      return withSnapshot(cluster, done, task, call);
    case "quiesced-snapshot":
      return quiescedNow(cluster, done, task, call);
    case "revert":
      await keepFindable(cluster, task.uid, call);
      return done;
    case "template":
      known.forget(task.uid);
      cluster.refresh();
      return { ...done, result: { $case: "preparedImage", value: await imported(cluster, task, call) } };
    case "restart":
      return restartedNow(cluster, running, done, task, call);
    case "power-on":
      return log.length === 0 ? done : startedNow(cluster, done, task, log, call);
    default:
      return done;
  }
}

/** What Proxmox VE warned of goes with the operation: nothing else of it is shown to people. */
function described(description: string, log: readonly string[]): string {
  const warnings = log.filter((line) => line.startsWith("WARN: ")).map((line) => line.slice("WARN: ".length));
  return warnings.length === 0 ? description : `${description}; Proxmox VE warned: ${warnings.join("; ")}`;
}

async function imported(
  cluster: Cluster,
  { uid, upid, subject }: TaskOperation,
  call: Call,
): Promise<PreparedImage> {
  const { node = "", vmid = 0 } = parseUpid(upid) ?? {};
  return preparedImage(await readTemplate(cluster.pve, { node, vmid, name: ownerTag(uid) }, call), subject);
}
