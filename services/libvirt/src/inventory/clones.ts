import type { Known } from "./known.ts";

/** Names of the domains whose disks are on top of disks that were made for a uid. */
export const clonesOf = (uid: string, domains: readonly Known[]): string[] =>
  domains
    .filter(({ stored, volumes = [] }) => {
      const isOnTop = volumes.some(({ backing = "" }) => fileName(backing).startsWith(`${uid}-`));
      return stored.owner?.uid !== uid && isOnTop;
    })
    .map(({ domain }) => domain.name);

const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
