import type { Call } from "./call.ts";
import { PveError, PveNodeUnreachable, type Pve } from "./client/index.ts";
import { attempt } from "./errors.ts";
import type { Listing } from "./listing.ts";
import type { Inventory, Reserved } from "./mapping/inventory.ts";
import { type Json, listOf, textOf } from "./mapping/json.ts";
import { readInventory } from "./mapping/read-inventory.ts";
import type { NodeAnswers } from "./mapping/read-node.ts";
import type { Settings } from "./mapping/settings.ts";

/** Reads nodes, storages, bridges and templates: four requests, and five for each node that is online. */
export async function fetchInventory(
  pve: Pve,
  list: (call: Call) => Promise<Listing>,
  { accel }: Settings,
  call: Call,
): Promise<Inventory> {
  return attempt("reading the inventory", async () => {
    const api = pve.api(call);
    const [version, nodes, { resources }] = await Promise.all([
      api.version.$get(),
      api.nodes.$get(),
      list(call),
    ]);
    const online = listOf(nodes).flatMap(({ node, status }) => (status === "online" ? [textOf(node)] : []));
    const [anyNode] = online;
    const [cpuFlags, details] = await Promise.all([
      anyNode === undefined
        ? undefined
        : unlessRefused(api.nodes.$(anyNode).capabilities.qemu["cpu-flags"].$get({ accel })),
      Promise.all(online.map(async (name) => [name, await fetchNode(pve, name, call)] as const)),
    ]);
    const reserved = new Map<string, Reserved>();
    return readInventory({ version, nodes, resources, cpuFlags, details: new Map(details), reserved });
  });
}

async function fetchNode(pve: Pve, name: string, call: Call): Promise<NodeAnswers> {
  const node = pve.api(call).nodes.$(name);
  const [status, version, networks, storages, machines] = await Promise.all([
    unlessRefused(node.status.$get()),
    unlessRefused(node.version.$get()),
    unlessRefused(node.network.$get({ type: "any_bridge" })),
    unlessRefused(node.storage.$get()),
    unlessRefused(node.capabilities.qemu.machines.$get()),
  ]);
  return { status, version, networks, storages, machines };
}

/** What an older version does not have, a token may not see, or a node that has just died does not tell is not known. */
async function unlessRefused(read: Promise<Json>): Promise<Json> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof PveError || error instanceof PveNodeUnreachable) return undefined;
    throw error;
  }
}
