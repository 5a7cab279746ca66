import { LanguageError } from "./language-error.ts";
import { text } from "./value.ts";

/** A volume's id ("local-lvm:vm-100-disk-0"), "none", an absolute path, or what {@link newVolume} gives. */
export const volume = text(/[^,\s\p{Cc}](?:[^,\p{Cc}]*[^,\s\p{Cc}])?/u, "a volume id without commas");

const storageName = /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/;
const gib = 2 ** 30;
const mib = 2 ** 20;

/** What asks for a new volume: `STORAGE:GiB`. With `import-from` and for firmware and TPM state the size is Proxmox VE's: pass 0 or 1 GiB. */
export function newVolume(storage: string, sizeBytes: number): string {
  if (!storageName.test(storage)) throw new LanguageError("storage", storage, "the name of a storage");
  // A MiB is an exact fraction of a GiB in decimals; less than that could be rounded down.
  if (sizeBytes % mib !== 0 || sizeBytes < 0) throw new LanguageError("size", sizeBytes, "whole MiB");
  return `${storage}:${sizeBytes / gib}`;
}

/** The storage of a volume; undefined for "none" and for paths. */
export const storageOf = (id: string): string | undefined =>
  /^([a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]):./.exec(id)?.[1];

/** The bytes that {@link newVolume} asks for; undefined for a volume that is there. */
export function newVolumeBytes(written: string): number | undefined {
  const amount = /^[^:]+:(\d+(?:\.\d+)?)$/.exec(written)?.[1];
  return amount === undefined ? undefined : Number(amount) * gib;
}
