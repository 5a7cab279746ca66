import type { Snapshot } from "@virtrigaud/proto";

/** Proxmox VE does not write down whether it froze the guest's file systems: the snapshot's description does. */
const quiescedMark = "<!-- virtrigaud.io/quiesced -->";

/** The description of a snapshot that shall be quiesced, or not. */
export const snapshotNotes = (description: string, quiesce: boolean): string =>
  quiesce ? [description, quiescedMark].filter((line) => line !== "").join("\n") : description;

/** A snapshot as it was taken, its mark taken out of what people wrote. */
export function withNotes(snapshot: Snapshot): Snapshot {
  const { description } = snapshot;
  if (!description.endsWith(quiescedMark)) return snapshot;
  return { ...snapshot, quiesced: true, description: description.slice(0, -quiescedMark.length).trimEnd() };
}

/** What Proxmox VE logs when it goes on without having frozen the file systems. Source: PVE::QemuConfig __snapshot_freeze. */
export const freezeFailed = (log: readonly string[]): string | undefined =>
  log.find((line) => /guest-fsfreeze-freeze problems|QEMU guest agent is not running/i.test(line));
