import { failedPrecondition, ProviderError, required, status, type UnaryHandler } from "@virtrigaud/kit";
import { type CreateVMResponse, EnsureState, PowerState, View, type VMSpec } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { attempt } from "../errors.ts";
import { gzipBase64 } from "../guestinfo.ts";
import { correctExisting } from "../mapping/existing.ts";
import type { FoundVm } from "../mapping/found-vm.ts";
import { observe } from "../mapping/observation.ts";
import type { Marker } from "../mapping/ownership.ts";
import { makeVm } from "../make-vm.ts";
import { markerFor } from "../planning.ts";
import { startTask } from "../task.ts";
import type { Vcenter } from "../vcenter.ts";
import { requireOwner } from "../vms.ts";

/** One step of the resumable ensure: look, then do what is due, at most one task at a time. */
export const createVm =
  (vcenter: Vcenter): UnaryHandler<"createVm"> =>
  async ({ uid, spec, controllerId }, { signal }): Promise<CreateVMResponse> => {
    const asked = required(spec);
    const marker = markerFor(uid, controllerId, asked);
    const found = await vcenter.vms.byUid(uid, { signal }, "full");
    if (found === undefined) {
      const operation = await makeVm(vcenter, marker, asked, { signal });
      return { state: EnsureState.IN_PROGRESS, operation, vm: undefined };
    }
    requireOwner(found, uid);
    requireSameSpec(found, marker);
    return finish(vcenter, found, marker, asked, { signal });
  };

/** Corrects what the stored configuration lacks, or answers COMPLETE. A VM that is not off is left alone. */
async function finish(
  vcenter: Vcenter,
  found: FoundVm,
  marker: Marker,
  spec: VMSpec,
  call: Call,
): Promise<CreateVMResponse> {
  const sight = await vcenter.sight(call);
  const vm = observe(found, sight, View.FULL);
  const complete = { state: EnsureState.COMPLETE, operation: undefined, vm };
  if (found.config === undefined || vm.powerState !== PowerState.OFF) return complete;
  const { inventory, settings } = sight;
  const host = inventory.hosts.find(({ id }) => id === found.runtime.host?.value);
  const input = { marker, spec, inventory, settings, encode: gzipBase64, stored: found.config, host };
  const { change, violations } = correctExisting(input);
  if (violations.length > 0) throw failedPrecondition(violations);
  if (change === undefined) return complete;
  const operation = await startTask("reconfigure", marker.uid, () =>
    attempt(`correcting the configuration of VM ${spec.name}`, () =>
      vcenter.client.call("ReconfigVM_Task", found.ref, { spec: change }, call),
    ),
  );
  return { state: EnsureState.IN_PROGRESS, operation, vm: undefined };
}

function requireSameSpec({ marker, name }: FoundVm, { uid, specFingerprint }: Marker): void {
  if (marker?.specFingerprint === specFingerprint) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "SPEC_MISMATCH",
    message: `VM ${name} of ${uid} was made from another spec; use ReconfigureVM to change it`,
  });
}
