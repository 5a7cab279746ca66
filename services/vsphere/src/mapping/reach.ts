import type { VMSpec } from "@virtrigaud/proto";
import { byFreeMemory } from "./host-choice.ts";
import type { Entity, Host, Inventory } from "./inventory.ts";
import { portgroupName } from "./networks.ts";
import type { Settings } from "./settings.ts";
import { datastoreNames } from "./storage.ts";

/**
 * Of several hosts those that reach what the spec names. All of them where none does: then the choice of storage and networks says what
 * is missing. One of them where they share no datastore, as hosts with local disks do.
 */
export function reaching(
  hosts: readonly Host[],
  spec: VMSpec,
  inventory: Inventory,
  settings: Settings,
): Host[] {
  const able = ableHosts(hosts, spec, inventory, settings);
  const chosen = able.length > 0 ? able : [...hosts];
  const isShared = ({ id }: Entity) => chosen.every((host) => host.datastores.includes(id));
  const share = inventory.datastores.some((datastore) => datastore.accessible && isShared(datastore));
  return share ? chosen : byFreeMemory(chosen).slice(0, 1);
}

/** The hosts that reach every datastore and port group that the spec names. */
export function ableHosts(
  hosts: readonly Host[],
  spec: VMSpec,
  inventory: Inventory,
  settings: Settings,
): Host[] {
  const datastores = datastoreNames(spec, settings);
  const networks = spec.networkInterfaces
    .map((nic) => portgroupName(nic, settings))
    .filter((name) => name !== "");
  return hosts.filter(
    (host) =>
      datastores.every((name) => reaches(host.datastores, inventory.datastores, name)) &&
      networks.every((name) => reaches(host.networks, inventory.networks, name)),
  );
}

const reaches = (ids: readonly string[], entities: readonly Entity[], wanted: string): boolean =>
  entities.some(({ id, name }) => name === wanted && ids.includes(id));
