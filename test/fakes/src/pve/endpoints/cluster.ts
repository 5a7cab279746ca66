import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail, refuse } from "../api/error.ts";
import { on } from "../api/permission.ts";
import { ownerOf } from "../model/access.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";
import type { Storage } from "../model/storage.ts";
import { vmidSchema } from "../schema/parameters.ts";
import { choice } from "../schema/schema.ts";
import { nodeEntry } from "./node-stats.ts";
import { taskParts } from "./tasks.ts";
import { resourceEntry } from "./vm-stats.ts";

const FIRST_ID = 100;
const LAST_ID = 1_000_000;

function resources(call: Call) {
  const { cluster } = call;
  const wanted = call.values["type"];
  const wants = (type: string) => wanted === undefined || wanted === type;
  return [
    ...(wants("vm")
      ? cluster
          .sortedVms()
          .filter((vm) => call.may(`/vms/${vm.vmid}`, "VM.Audit"))
          .map((vm) => resourceEntry(cluster, vm))
      : []),
    ...(wants("node") ? [...cluster.nodes.values()].map((node) => nodeResource(call, node)) : []),
    ...(wants("storage")
      ? [...cluster.storages.values()].flatMap((storage) => storageResources(call, storage))
      : []),
  ];
}

function nodeResource(call: Call, node: Node) {
  const entry = nodeEntry(call.cluster, node, call.may(`/nodes/${node.name}`, "Sys.Audit"));
  return call.cluster.release.major >= 7 ? { ...entry, "cgroup-mode": 2 } : entry;
}

function storageResources(call: Call, storage: Storage) {
  if (!call.may(`/storage/${storage.id}`, "Datastore.Audit")) return [];
  return [...call.cluster.nodes.values()]
    .filter((node) => storage.isOn(node.name))
    .map((node) => ({
      id: `storage/${node.name}/${storage.id}`,
      storage: storage.id,
      node: node.name,
      type: "storage",
      plugintype: storage.typeName,
      shared: storage.shared ? 1 : 0,
      content: storage.content.join(","),
      ...(node.online
        ? { status: "available", disk: storage.usedBytes(node.name), maxdisk: storage.totalBytes }
        : { status: "unknown" }),
    }));
}

function nextId({ cluster, values }: Call) {
  const wanted = values["vmid"];
  if (wanted !== undefined) {
    if (cluster.vms.has(Number(wanted))) refuse({ vmid: `VM ${wanted} already exists` });
    return wanted;
  }
  for (let vmid = FIRST_ID; vmid < LAST_ID; vmid += 1) if (!cluster.vms.has(vmid)) return String(vmid);
  return fail(`unable to get any free VMID in range [${FIRST_ID}, ${LAST_ID}]`);
}

function status({ cluster }: Call) {
  const nodes = [...cluster.nodes.values()];
  const many = nodes.length > 1;
  const entries = nodes.map((node) => ({
    type: "node",
    id: `node/${node.name}`,
    name: node.name,
    nodeid: many ? node.id : 0,
    local: node === cluster.local ? 1 : 0,
    online: node.online ? 1 : 0,
    ip: node.ip,
    level: "",
  }));
  if (!many) return entries;
  const quorate = nodes.filter((node) => node.online).length > nodes.length / 2 ? 1 : 0;
  return [
    { type: "cluster", id: "cluster", name: "simulated", nodes: nodes.length, version: 1, quorate },
    ...entries,
  ];
}

const TASKS_SHOWN = 25;

function tasks(call: Call) {
  const all = call.may("/", "Sys.Audit");
  return latestTasks(call.cluster)
    .map((task) => {
      const { pid, pstart, ...parts } = taskParts(task);
      const ended = { status: task.exitStatus, endtime: task.endtime, saved: "1" };
      return { upid: task.upid, ...parts, ...(task.exitStatus === undefined ? {} : ended) };
    })
    .filter((task) => all || task.user === ownerOf(call.user));
}

/** Each node tells the others of its last tasks only. */
function latestTasks(cluster: Cluster) {
  const newestFirst = cluster.tasks.all().reverse();
  return [...cluster.nodes.keys()].flatMap((node) =>
    newestFirst.filter((task) => task.view.node === node).slice(0, TASKS_SHOWN),
  );
}

export const clusterEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/cluster/resources",
    permission: "all",
    parameters: { type: choice("vm", "storage", "node", "sdn") },
    run: resources,
  },
  {
    method: "GET",
    path: "/cluster/nextid",
    permission: "all",
    parameters: { vmid: vmidSchema },
    run: nextId,
  },
  { method: "GET", path: "/cluster/status", permission: on("/", "Sys.Audit"), parameters: {}, run: status },
  { method: "GET", path: "/cluster/tasks", permission: "all", parameters: {}, run: tasks },
];
