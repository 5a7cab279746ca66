import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import { splitVolumeId, storageOf } from "./drive.ts";

/** What a volume's name says of it. */
export interface VolumeKind {
  readonly content: "images" | "iso" | "import" | "vztmpl" | "snippets" | "backup";
  readonly owner: number | undefined;
}

/** Reads a volume's name; undefined when no storage would have one like it. */
export function kindOf(name: string): VolumeKind | undefined {
  const file = /^(iso|import|vztmpl|snippets|backup)\/[^/]+$/.exec(name);
  if (file !== null) return { content: file[1] as VolumeKind["content"], owner: undefined };
  const image = /(?:^|\/)(?:vm|base)-(\d+)-[^/]+$/.exec(name);
  return image === null ? undefined : { content: "images", owner: Number(image[1]) };
}

/** Fails unless the caller may use a volume for a VM. */
export function checkVolumeAccess(call: Call, volumeId: string, vmid: number | undefined): void {
  const split = splitVolumeId(volumeId);
  if (split === undefined) {
    // PVE's message has the place in its source; that of 9.2 is given for all.
    if (!call.isRoot)
      fail("Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.");
    return;
  }
  storageOf(call.cluster, split.storage);
  const kind = kindOf(split.name) ?? fail(`unable to parse directory volume name '${split.name}'`);
  const path = `/storage/${split.storage}`;
  if (call.may(path, "Datastore.Allocate")) return;
  if (kind.content === "iso" || kind.content === "vztmpl" || kind.content === "import")
    call.needAny(path, "Datastore.AllocateSpace", "Datastore.Audit");
  else if (kind.owner !== undefined && kind.owner === vmid) return;
  else if (kind.content === "images") {
    call.need(path, "Datastore.Audit");
    call.need(`/vms/${kind.owner}`, "VM.Config.Disk");
  } else fail(`missing privileges to access ${volumeId}`);
}
