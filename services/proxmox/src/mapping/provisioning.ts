import { type Disk, DiskProvisioning } from "@virtrigaud/proto";
import type { Storage } from "./inventory.ts";

/** Types whose volumes are image files, which only as qcow2 have snapshots. */
const fileTypes = new Set(["dir", "nfs", "cifs", "glusterfs", "cephfs"]);
const thinTypes = new Set([...fileTypes, "btrfs", "lvmthin", "rbd"]);

/** The format to ask for; undefined where the storage has only one. */
export const imageFormat = ({ type }: Pick<Storage, "type">): "qcow2" | undefined =>
  fileTypes.has(type) ? "qcow2" : undefined;

/** How a disk takes its space there, in words, and why that is not quite what was asked; "" when it is. */
export function provisioned(
  { provisioning }: Pick<Disk, "provisioning">,
  { name, type }: Pick<Storage, "name" | "type">,
): { value: string; substitute: string } {
  const takes = thinTypes.has(type) ? "thin" : type === "lvm" ? "thick" : undefined;
  const value = `${type}, ${takes ?? "as the storage is set up"}`;
  const wantsThin = provisioning === DiskProvisioning.THIN;
  if (takes === (wantsThin ? "thin" : "thick")) {
    const isEager = provisioning === DiskProvisioning.EAGER_ZEROED;
    return {
      value,
      substitute: isEager ? `storage ${name} takes the space at once and does not clear it` : "",
    };
  }
  const other = wantsThin ? "lvmthin, rbd or a directory" : "lvm";
  const set = takes === undefined ? "its option `sparse` decides" : "its type decides";
  return {
    value,
    substitute: `Proxmox VE has no such choice for a disk: on storage ${name} ${set}; for another behaviour choose one of type ${other}`,
  };
}
