import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { ApiError, fail, refuse } from "../api/error.ts";
import { anyOn, on } from "../api/permission.ts";
import { splitVolumeId, storageOf, storageOn, volumeOf } from "../actions/drive.ts";
import { checkVolumeAccess } from "../actions/volume-access.ts";
import type { Storage, Volume } from "../model/storage.ts";
import { atMajor } from "../schema/by-major.ts";
import { node, storage, vmid, vmidSchema } from "../schema/parameters.ts";
import { choice, formatted, integer, matching, required, type Schema, text } from "../schema/schema.ts";

const path = "/nodes/{node}/storage/{storage}/content";

function contentEntry(each: Storage, volume: Volume) {
  const { name, content, format, sizeBytes, usedBytes, ctime, vmid: owner, parent } = volume;
  return {
    volid: `${each.id}:${name}`,
    content,
    format,
    size: sizeBytes,
    ctime,
    ...(content === "images"
      ? { used: usedBytes, parent: parent === undefined ? null : `../${parent}` }
      : {}),
    ...(owner === undefined ? {} : { vmid: owner }),
  };
}

function content(call: Call) {
  const each = storageOn(call.cluster, call.text("storage"), call.node.name);
  const { content: type, vmid: owner } = call.values;
  return [...each.volumes(call.node.name).values()]
    .filter((volume) => type === undefined || volume.content === type)
    .filter((volume) => owner === undefined || volume.vmid === Number(owner))
    .filter((volume) => canSee(call, `${each.id}:${volume.name}`))
    .map((volume) => contentEntry(each, volume));
}

function canSee(call: Call, volumeId: string): boolean {
  try {
    checkVolumeAccess(call, volumeId, undefined);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function allocate(call: Call): string {
  const each = storageOn(call.cluster, call.text("storage"), call.node.name);
  const [, amount = "0", unit] = /^(\d+)([MG]?)$/.exec(call.text("size")) ?? [];
  const kib = Number(amount) * (unit === "G" ? 2 ** 20 : unit === "M" ? 1024 : 1);
  const [, bare = "", suffix] = /^(.*?)(?:\.(raw|qcow2|vmdk))?$/.exec(call.text("filename")) ?? [];
  const format = call.values["format"];
  if (format !== undefined && suffix !== undefined && format !== suffix)
    refuse({ format: `different storage formats (${format} != ${suffix})` });
  const chosen = format ?? suffix;
  const volume = each.allocate(call.node.name, {
    vmid: call.vmid,
    sizeBytes: kib * 1024,
    name: bare,
    ...(chosen === undefined ? {} : { format: chosen }),
    print: () => {},
  });
  return `${each.id}:${volume.name}`;
}

/** A volume is named with or without its storage. */
function volumeId(call: Call): string {
  const given = call.text("volume");
  const storageId = call.text("storage");
  const split = splitVolumeId(given);
  if (split === undefined) return `${storageId}:${given}`;
  if (split.storage !== storageId) fail(`storage ID missmatch ('${split.storage} != ${storageId}')`);
  return given;
}

function volumeInfo(call: Call) {
  const id = volumeId(call);
  checkVolumeAccess(call, id, undefined);
  const { storage: each, volume } = volumeOf(call.cluster, call.node.name, id);
  return {
    path: each.path(volume.name),
    size: volume.sizeBytes,
    used: volume.usedBytes,
    format: volume.format,
  };
}

async function remove(call: Call): Promise<string | null> {
  const id = volumeId(call);
  const storageId = call.text("storage");
  storageOf(call.cluster, storageId);
  call.need(`/storage/${storageId}`, "Datastore.Allocate");
  const owner = /(?:vm|base)-(\d+)-/.exec(id)?.[1];
  const upid = call.fork(
    "imgdel",
    `${owner === undefined ? "" : `${owner}@`}${storageId}`,
    async (worker) => {
      await worker.step();
      const found = volumeOf(call.cluster, call.node.name, id);
      found.storage.free(call.node.name, found.volume);
      call.cluster.uploads.delete(id);
      worker.print(`Removed volume '${id}'`);
    },
  );
  if (call.number("delay") === undefined) return upid;
  const task = call.cluster.tasks.get(upid);
  await task?.done;
  return task?.exitStatus === "OK" ? null : fail(task?.exitStatus ?? "unexpected status");
}

const mayLook = anyOn("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace");
const volume = { ...node, volume: required(text()), storage: formatted("pve-storage-id") };

export const storageContentEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path,
    permission: mayLook,
    parameters: { ...node, ...storage, content: formatted("pve-storage-content"), vmid: vmidSchema },
    run: content,
  },
  {
    method: "POST",
    path,
    permission: on("/storage/{storage}", "Datastore.AllocateSpace"),
    parameters: (major) => ({
      ...atMajor<Schema>({ ...node, ...storage, ...vmid }, major),
      filename: required(text()),
      format: { ...choice("raw", "qcow2", "subvol", ...(major >= 8 ? ["vmdk"] : [])), requires: "size" },
      size: required(matching("\\d+[MG]?")),
    }),
    run: allocate,
  },
  { method: "GET", path: `${path}/{volume*}`, permission: "all", parameters: volume, run: volumeInfo },
  {
    method: "DELETE",
    path: `${path}/{volume*}`,
    permission: "all",
    parameters: { ...volume, delay: integer(1, 30) },
    run: remove,
  },
];
