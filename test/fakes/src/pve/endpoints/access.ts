import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { ApiError } from "../api/error.ts";
import { ownerOf } from "../model/access.ts";
import { byMajor } from "../schema/by-major.ts";
import { flag, formatted, matching, required, text } from "../schema/schema.ts";

const TOP_PATHS = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];
const USER_ID = "[^\\s:/]+@[A-Za-z][A-Za-z0-9.\\-_]+(?:![A-Za-z][A-Za-z0-9.\\-_]+)?";

const ones = (names: Iterable<string>) => Object.fromEntries([...names].map((name) => [name, 1]));

function permissions(call: Call) {
  const { access } = call.cluster;
  const userid = call.values["userid"] ?? call.user;
  if (userid !== call.user && ownerOf(userid) !== call.user) call.need("/access", "Sys.Audit");
  const { path } = call.values;
  if (path !== undefined) return { [path]: ones(access.permissions(userid, path)) };
  const paths = [...new Set([...TOP_PATHS, ...access.ruledPaths()])];
  const held = paths.map((each) => [each, ones(access.permissions(userid, each))] as const);
  return Object.fromEntries(held.filter(([, privileges]) => Object.keys(privileges).length > 0));
}

/** What the web interface shows: privileges by area. */
const areas: Readonly<Record<string, { readonly path: string; readonly privileges: RegExp }>> = {
  access: { path: "/access/groups", privileges: /^((User|Group)\.|Permissions\.Modify)/ },
  dc: { path: "/", privileges: /^(Sys\.Audit|Sys\.Modify|SDN\.)/ },
  mapping: { path: "/mapping", privileges: /^(Mapping\.|Permissions\.Modify)/ },
  nodes: { path: "/nodes", privileges: /^(Sys\.|Permissions\.Modify)/ },
  sdn: { path: "/sdn", privileges: /^(SDN\.|Permissions\.Modify)/ },
  storage: { path: "/storage", privileges: /^(Datastore\.|Permissions\.Modify)/ },
  vms: { path: "/vms", privileges: /^(VM\.|Permissions\.Modify)/ },
};

function login(call: Call) {
  const { access } = call.cluster;
  const { username = "", realm, password = "" } = call.values;
  const userid = realm === undefined ? username : `${username}@${realm}`;
  const session = access.login(userid, password);
  if (session === undefined) throw new ApiError(401, "authentication failure\n");
  const cap = Object.entries(areas).map(([area, { path, privileges }]) => [
    area,
    ones([...access.permissions(userid, path)].filter((name) => privileges.test(name))),
  ]);
  return {
    username: userid,
    ticket: session.ticket,
    CSRFPreventionToken: session.csrf,
    cap: Object.fromEntries(cap),
  };
}

export const accessEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/access/permissions",
    permission: "all",
    parameters: { path: text(), userid: matching(USER_ID) },
    run: permissions,
  },
  { method: "GET", path: "/access/ticket", permission: "world", parameters: {}, run: () => null },
  {
    method: "POST",
    path: "/access/ticket",
    permission: "world",
    ticketOnly: true,
    parameters: {
      username: required(text({ maxLength: 64 })),
      password: required(text()),
      realm: formatted("pve-realm", { maxLength: 32 }),
      otp: text(),
      path: text({ maxLength: 64, requires: "privs" }),
      privs: formatted("pve-priv-list", { maxLength: 64, requires: "path" }),
      "new-format": byMajor({ 7: flag() }),
      "tfa-challenge": byMajor({ 7: text() }),
    },
    run: login,
  },
];
