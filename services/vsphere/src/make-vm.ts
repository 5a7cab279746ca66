import { failedPrecondition, invalidArgument, ProviderError, status } from "@virtrigaud/kit";
import type { Operation, VMSpec, Violation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { isFault, providerError, vimFault } from "./errors.ts";
import { encodeName } from "./mapping/entity-name.ts";
import { reservedKey } from "./mapping/extra-config.ts";
import type { FolderPlace } from "./mapping/folder-place.ts";
import type { Marker } from "./mapping/ownership.ts";
import type { Plan } from "./mapping/plan.ts";
import { nameHolder } from "./name-taken.ts";
import { planNew } from "./planning.ts";
import { startTask } from "./task.ts";
import type { Vcenter } from "./vcenter.ts";
import type { ManagedObjectReference } from "./vim/types.ts";

/** Starts making a VM that does not exist: folders that are missing at once, then one task. */
export async function makeVm(vcenter: Vcenter, marker: Marker, spec: VMSpec, call: Call): Promise<Operation> {
  const { plan, violations } = await planNew(vcenter, marker, spec, call);
  if (violations.length > 0) throw refusal(violations);
  if (plan === undefined) throw new Error("a plan without violations must have something to send");
  try {
    const folder = await ensureFolder(vcenter, plan.placement.folder, call);
    return await startTask(plan.clone === undefined ? "create" : "clone", marker.uid, () =>
      send(vcenter, plan, folder, spec.name, call),
    );
  } catch (error) {
    if (isFault(error, "DuplicateName"))
      throw await nameHolder(vcenter, vimFault(error), marker.uid, spec.name, call);
    if (isFault(error, "ManagedObjectNotFound")) throw inventoryChanged(vcenter, error);
    throw providerError(`creating VM ${spec.name}`, error);
  }
}

/** A key of extra_config that cannot be is wrong on its own; everything else depends on the hypervisor as it is. */
const refusal = (violations: readonly Violation[]): ProviderError =>
  violations.every(({ reason }) => reason === reservedKey)
    ? invalidArgument(violations)
    : failedPrecondition(violations);

async function ensureFolder(
  vcenter: Vcenter,
  { existing, missing }: FolderPlace,
  call: Call,
): Promise<ManagedObjectReference<"Folder">> {
  let folder: ManagedObjectReference<"Folder"> = { type: "Folder", value: existing };
  for (const name of missing) {
    try {
      folder = await vcenter.client.call("CreateFolder", folder, { name: encodeName(name) }, call);
    } catch (error) {
      const holder = isFault(error, "DuplicateName") ? (error.detail.object as typeof folder) : undefined;
      // Another call made it first. A VM of the folder's name is in the way.
      if (holder?.type !== "Folder") throw error;
      folder = holder;
    }
  }
  if (missing.length > 0) vcenter.refresh();
  return folder;
}

function send(
  { client }: Vcenter,
  { config, placement, clone }: Plan,
  folder: ManagedObjectReference<"Folder">,
  name: string,
  call: Call,
): Promise<ManagedObjectReference<"Task">> {
  if (clone !== undefined) {
    const args = { folder, name: encodeName(name), spec: clone.spec };
    return client.call("CloneVM_Task", clone.template.ref, args, call);
  }
  const pool = { type: "ResourcePool" as const, value: placement.pool };
  const host = placement.host && { type: "HostSystem" as const, value: placement.host.id };
  return client.call("CreateVM_Task", folder, { config, pool, ...(host && { host }) }, call);
}

function inventoryChanged(vcenter: Vcenter, cause: unknown): ProviderError {
  vcenter.refresh();
  return new ProviderError({
    code: status.ABORTED,
    reason: "INVENTORY_CHANGED",
    message: "the template, folder, pool or host that was chosen was removed at this moment; repeat the call",
    retryAfterMs: 500,
    cause,
  });
}
