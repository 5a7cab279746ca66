import { type UnaryHandler } from "@virtrigaud/kit";
import type { Call } from "../call.ts";
import { parseUpid } from "../client/index.ts";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import { parseOperationName } from "../operation-name.ts";
import { lookAt } from "./get-operation.ts";

export const cancelOperation =
  (cluster: Cluster): UnaryHandler<"cancelOperation"> =>
  async ({ name }, { signal }) => {
    if (cluster.jobs.owns(name)) return { operation: await cluster.jobs.cancel(name) };
    const operation = parseOperationName(name);
    if (operation.kind === "task") await stopTask(cluster, operation.upid, { signal });
    return { operation: await lookAt(cluster, name, { signal }) };
  };

/** Proxmox VE takes back what the task has done so far; one that has ended stays as it is. */
async function stopTask({ pve }: Cluster, upid: string, call: Call): Promise<void> {
  const node = parseUpid(upid)?.node ?? "";
  await attempt(`stopping task ${upid}`, () => pve.api(call).nodes.$(node).tasks.$(upid).$delete());
}
