import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";
import { ByMajor } from "../schema/by-major.ts";
import { checkValues, type Values } from "../schema/check.ts";
import { normalizeLists } from "../schema/legacy-lists.ts";
import { Call } from "./call.ts";
import { type Method, Page } from "./endpoint.ts";
import { ApiError, fail, forbid, refuse } from "./error.ts";
import { authorize } from "./permission.ts";
import { ProxyError } from "./proxy-error.ts";
import type { Route, Router } from "./router.ts";

/** A request that has been authenticated. */
export interface Incoming {
  readonly method: Method;
  readonly path: string;
  readonly user: string | undefined;
  readonly parameters: Values;
}

/** What a handler gave. */
export interface Outcome {
  readonly data: unknown;
  readonly total: number | undefined;
}

/** Handles a request in PVE's order: path, permission, node, parameters, code. Throws ApiError and ProxyError. */
export async function dispatch(cluster: Cluster, router: Router, incoming: Incoming): Promise<Outcome> {
  const { method, path, user } = incoming;
  const route = router.find(method, path);
  if (route === undefined) throw new ApiError(501, `Method '${method} ${path}' not implemented`);
  const { endpoint, schemas } = route;
  const parameters = normalizeLists(merge(route, incoming.parameters), schemas, cluster.release.major);
  if (endpoint.ticketOnly && user?.includes("!"))
    forbid(`URI '${path}' not available with API token, need proper ticket.\n`);
  const permission =
    endpoint.permission instanceof ByMajor
      ? (endpoint.permission.at(cluster.release.major) ?? "all")
      : endpoint.permission;
  authorize(cluster.access, permission, user, parameters);
  const node = await handlingNode(cluster, route);
  const problems = checkValues(parameters, schemas, cluster.book);
  if (Object.keys(problems).length > 0) refuse(problems);
  const result = await endpoint.run(new Call(cluster, node, user ?? "", parameters));
  return result instanceof Page
    ? { data: result.data, total: result.total }
    : { data: result ?? null, total: undefined };
}

function merge(route: Route, given: Values): Values {
  const { inPath } = route;
  for (const name of Object.keys(given).sort())
    if (Object.hasOwn(inPath, name) && inPath[name] !== given[name])
      refuse({ [name]: "duplicate parameter (already defined in URI) with conflicting values!" });
  return { ...inPath, ...given };
}

async function handlingNode(cluster: Cluster, { endpoint, inPath }: Route): Promise<Node> {
  const name = inPath["node"];
  const local = cluster.local;
  if (name === undefined || endpoint.local || name === "localhost" || name === local.name) return local;
  const node = cluster.nodes.get(name);
  if (node === undefined)
    fail(
      `hostname lookup '${name}' failed - failed to get address info for: ${name}:` +
        " Temporary failure in name resolution",
    );
  if (node.online) return node;
  await cluster.seconds(3);
  throw new ProxyError(595, "No route to host");
}
