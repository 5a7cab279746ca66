import type { Datacenter, Inventory } from "./inventory.ts";

/** A VM folder: the deepest one on the path that exists, and the names of those below it that are still to be made. */
export interface FolderPlace {
  existing: string;
  missing: string[];
}

/** Follows a path like "labs/nested" from the datacenter's VM folder; "" is that folder itself. */
export function chooseFolder(path: string, datacenter: Datacenter, inventory: Inventory): FolderPlace {
  const missing = path.split("/").filter((part) => part !== "");
  const folders = inventory.folders.filter(({ holdsVms }) => holdsVms);
  let existing = datacenter.vmFolder;
  for (;;) {
    const next = folders.find(({ parent, name }) => parent === existing && name === missing[0]);
    if (next === undefined) return { existing, missing };
    existing = next.id;
    missing.shift();
  }
}
