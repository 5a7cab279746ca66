import { failedPrecondition, ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import { type CreateVMResponse, EnsureState, PowerState, View, type VMSpec } from "@virtrigaud/proto";
import { attempt } from "../errors.ts";
import { gzipBase64 } from "../guestinfo.ts";
import { correctExisting } from "../mapping/existing.ts";
import { type FoundVm, observe } from "../mapping/observation.ts";
import type { Marker } from "../mapping/ownership.ts";
import type { Plan } from "../mapping/plan.ts";
import { markerFor, planNew } from "../planning.ts";
import { required } from "../required.ts";
import { startTask } from "../task.ts";
import { isSimulated, type Vcenter } from "../vcenter.ts";
import { requireOwner } from "../vms.ts";
import { explainDuplicate } from "../name-taken.ts";

interface Call {
  signal: AbortSignal;
}

/** One step of the resumable ensure: look, then do what is due, at most one task at a time. */
export const createVm =
  (vcenter: Vcenter): UnaryHandler<"createVm"> =>
  async ({ uid, spec, controllerId }, { signal }) => {
    const asked = required(spec);
    const marker = markerFor(uid, controllerId, asked);
    const found = await vcenter.vms.byUid(uid, { signal });
    if (found === undefined) return make(vcenter, marker, asked, { signal });
    if (found.config === undefined) throw stillBeingMade(found);
    requireOwner(found, uid);
    requireSameSpec(found, marker);
    return finish(vcenter, found, marker, asked, { signal });
  };

async function make(vcenter: Vcenter, marker: Marker, spec: VMSpec, call: Call): Promise<CreateVMResponse> {
  const { plan, violations } = await planNew(vcenter, marker, spec, call);
  if (violations.length > 0) throw failedPrecondition(violations);
  if (plan === undefined) throw new Error("a plan without violations must have something to send");
  const action = `creating VM ${spec.name}`;
  const operation = await startTask(plan.clone === undefined ? "create" : "clone", marker.uid, () =>
    attempt(action, async () => {
      try {
        return await send(vcenter, plan, spec.name, call);
      } catch (error) {
        throw await explainDuplicate(vcenter, error, marker.uid, spec.name, call);
      }
    }),
  );
  return { state: EnsureState.IN_PROGRESS, operation, vm: undefined };
}

function send({ client }: Vcenter, { config, placement, clone }: Plan, name: string, call: Call) {
  const folder = { type: "Folder" as const, value: placement.folder };
  if (clone !== undefined) {
    return client.call("CloneVM_Task", clone.template.ref, { folder, name, spec: clone.spec }, call);
  }
  const host = placement.host && { type: "HostSystem" as const, value: placement.host.id };
  const pool = { type: "ResourcePool" as const, value: placement.pool };
  return client.call(
    "CreateVM_Task",
    folder,
    { config, pool, ...(host === undefined ? {} : { host }) },
    call,
  );
}

/** Corrects what the stored configuration lacks, or answers COMPLETE. A VM that runs is left alone. */
async function finish(
  vcenter: Vcenter,
  found: FoundVm,
  marker: Marker,
  spec: VMSpec,
  call: Call,
): Promise<CreateVMResponse> {
  const [about, inventory] = await Promise.all([vcenter.about(call), vcenter.inventory(call)]);
  const vm = observe(found, inventory, isSimulated(about), View.FULL);
  if (found.config !== undefined && vm.powerState === PowerState.OFF) {
    const host = inventory.hosts.find(({ id }) => id === found.runtime.host?.value);
    const change = correctExisting({
      marker,
      spec,
      about,
      inventory,
      settings: vcenter.settings,
      encode: gzipBase64,
      stored: found.config,
      host,
    });
    if (change !== undefined) {
      const operation = await startTask("reconfigure", marker.uid, () =>
        attempt(`correcting the configuration of VM ${spec.name}`, () =>
          vcenter.client.call("ReconfigVM_Task", found.ref, { spec: change }, call),
        ),
      );
      return { state: EnsureState.IN_PROGRESS, operation, vm: undefined };
    }
  }
  return { state: EnsureState.COMPLETE, operation: undefined, vm };
}

function requireSameSpec({ marker, name }: FoundVm, { uid, specFingerprint }: Marker): void {
  if (marker?.specFingerprint === specFingerprint) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "SPEC_MISMATCH",
    message: `VM ${name} of ${uid} was made from another spec; use ReconfigureVM to change it`,
  });
}

const stillBeingMade = ({ name }: FoundVm): ProviderError =>
  new ProviderError({
    code: status.ABORTED,
    reason: "BEING_CREATED",
    message: `VM ${name} is still being made; repeat the call`,
    retryAfterMs: 1_000,
  });
