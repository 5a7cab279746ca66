import { Snapshot } from "@virtrigaud/proto";
import { flagOf, type Json, listOf, numberOf, textOf } from "./json.ts";

/** The entry of a snapshot list that stands for the VM's present state. */
const present = "current";

/**
 * The snapshots of a `GET snapshot`, oldest first. Their names are their identities. Proxmox VE freezes the file systems of a guest whose agent
 * answers and does not write down whether it did: never reported as quiesced.
 */
export function readSnapshots(answer: Json): Snapshot[] {
  const entries = listOf(answer);
  const parent = textOf(entries.find(({ name }) => name === present)?.parent);
  return entries
    .filter(({ name }) => name !== present && textOf(name) !== "")
    .map((entry) => {
      const name = textOf(entry.name);
      const seconds = numberOf(entry.snaptime);
      return Snapshot.fromPartial({
        id: name,
        name,
        description: textOf(entry.description).trimEnd(),
        includesMemory: flagOf(entry.vmstate),
        parentId: textOf(entry.parent),
        current: name === parent,
        ...(seconds === undefined ? {} : { createTime: new Date(seconds * 1000) }),
      });
    })
    .sort((a, b) => (a.createTime?.getTime() ?? 0) - (b.createTime?.getTime() ?? 0));
}
