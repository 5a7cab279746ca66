import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { refuse } from "../api/error.ts";
import { anyOn } from "../api/permission.ts";
import { storageOf } from "../actions/drive.ts";
import type { Storage } from "../model/storage.ts";
import { splitList } from "../schema/check.ts";
import { node, storage } from "../schema/parameters.ts";
import { flag, formatted } from "../schema/schema.ts";

const path = "/nodes/{node}/storage";
const one = `${path}/{storage}`;

function statusOf(call: Call, each: Storage) {
  const { name } = call.node;
  const isThere = each.isOn(name);
  return {
    type: each.typeName,
    content: each.content.join(","),
    shared: each.shared ? 1 : 0,
    enabled: isThere ? 1 : 0,
    active: isThere ? 1 : 0,
    total: isThere ? each.totalBytes : 0,
    used: isThere ? each.usedBytes(name) : 0,
    avail: isThere ? each.availableBytes(name) : 0,
  };
}

function list(call: Call) {
  const { cluster, values } = call;
  const wanted = splitList(values["content"] ?? "");
  const only = values["storage"];
  if (only !== undefined && !cluster.storages.has(only)) refuse({ storage: "No such storage." });
  return [...cluster.storages.values()]
    .filter((each) => call.mayAny(`/storage/${each.id}`, "Datastore.Audit", "Datastore.AllocateSpace"))
    .filter((each) => only === undefined || each.id === only)
    .filter(
      (each) =>
        wanted.length === 0 ||
        (each.isOn(call.node.name) && wanted.some((type) => each.content.includes(type))),
    )
    .filter((each) => values["target"] === undefined || (each.shared && each.isOn(values["target"])))
    .map((each) => {
      const status = statusOf(call, each);
      const fraction = status.total === 0 ? {} : { used_fraction: status.used / status.total };
      return { storage: each.id, ...status, ...fraction, ...(call.flag("format") ? formats(each) : {}) };
    });
}

const formats = (each: Storage) => ({
  format: [each.type.files ? { qcow2: 1, raw: 1, vmdk: 1 } : { raw: 1 }, "raw"],
});

const mayLook = anyOn("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace");
export const storageEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path,
    permission: "all",
    parameters: {
      ...node,
      content: formatted("pve-storage-content-list"),
      enabled: flag(),
      format: flag(),
      storage: formatted("pve-storage-id"),
      target: formatted("pve-node"),
    },
    run: list,
  },
  {
    method: "GET",
    path: `${one}/status`,
    permission: mayLook,
    parameters: { ...node, ...storage },
    run: (call) => statusOf(call, storageOf(call.cluster, call.text("storage"))),
  },
];
