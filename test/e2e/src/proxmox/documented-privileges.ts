import { readFileSync } from "node:fs";
import type { PveVersion } from "@virtrigaud/fakes";

const document = readFileSync(new URL("../../../../docs/providers/proxmox.md", import.meta.url), "utf8");

/** A row of the table of privileges in docs/providers/proxmox.md. */
export interface DocumentedPrivilege {
  readonly name: string;
  /** As the document writes it: "/storage/SEEDS". */
  readonly path: string;
  /** The same in the simulated cluster. */
  readonly place: string;
  readonly firstMajor: number;
  readonly lastMajor: number;
}

/** The simulated cluster's names for the document's. */
const places: Readonly<Record<string, string>> = {
  "/storage/DISKS": "/storage/local-lvm",
  "/storage/SEEDS": "/storage/local",
  "/sdn/zones/localnetwork/BRIDGE": "/sdn/zones/localnetwork/vmbr0",
};

const documentedPrivileges: readonly DocumentedPrivilege[] = [
  ...document.matchAll(/^\| `([A-Z]\w+\.[\w.]+)` \| `([^`]+)` \| (all|from (\d)|to (\d)) \|/gm),
].map(([, name = "", path = "", , from, to]) => ({
  name,
  path,
  place: places[path] ?? path,
  firstMajor: Number(from ?? 0),
  lastMajor: Number(to ?? 99),
}));

/** What the document says a version needs. */
export const privilegesFor = (version: PveVersion): DocumentedPrivilege[] => {
  const major = Math.trunc(Number(version));
  return documentedPrivileges.filter(
    ({ firstMajor, lastMajor }) => firstMajor <= major && major <= lastMajor,
  );
};

/** Privileges as an access list of the simulated cluster, which follows what is changed in it. */
export function asAccessList(rows: readonly DocumentedPrivilege[]): Record<string, string[]> {
  const list: Record<string, string[]> = {};
  for (const { name, place } of rows) list[place] = [...(list[place] ?? []), name];
  return list;
}

/** The privileges that the document's commands give, with their paths: `pveum role add ROLE --privs`, `pveum acl modify PATH`. */
export function commandedPrivileges(): string[] {
  const roles = new Map(
    [...document.matchAll(/^pveum role add (\w+) --privs "([^"]+)"$/gm)].map(([, role, names]) => [
      role,
      names,
    ]),
  );
  const given = [...document.matchAll(/^pveum acl modify (\S+) .*--roles (\w+)$/gm)].flatMap(
    ([, path, role]) => (roles.get(role) ?? "").split(" ").map((name) => `${path} ${name}`),
  );
  return given.sort();
}
