import type { VersionedTable } from "./by-major.ts";
import { byMajor } from "./by-major.ts";
import { flag, formatted, integer, required, type Schema, text } from "./schema.ts";

/** Parameters that many endpoints share. */
export const node: VersionedTable<Schema> = { node: required(formatted("pve-node")) };

const id: Schema = { ...integer(1), format: "pve-vmid" };
const boundedId: Schema = { ...integer(100, 999999999), format: "pve-vmid" };
/** A VM's id, as a parameter of any name. */
export const vmidSchema = byMajor({ 6: id, 8: boundedId });
export const vmid: VersionedTable<Schema> = {
  vmid: byMajor({ 6: required(id), 8: required(boundedId) }),
};

export const snapname: VersionedTable<Schema> = {
  snapname: required(formatted("pve-configid", { maxLength: 40 })),
};
export const storage: VersionedTable<Schema> = { storage: required(formatted("pve-storage-id")) };
export const digest: VersionedTable<Schema> = { digest: text({ maxLength: 40 }) };
export const skiplock: VersionedTable<Schema> = { skiplock: flag() };

/** What addresses a VM in a path. */
export const vmPath: VersionedTable<Schema> = { ...node, ...vmid };
