import {
  type CallContext,
  failedPrecondition,
  ProviderError,
  required,
  status,
  type UnaryHandler,
} from "@virtrigaud/kit";
import { type CreateVMResponse, EnsureState, type Operation, View, type VMSpec } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { notFound, requireOwner } from "../domains.ts";
import type { Host } from "../host.ts";
import { makeVm } from "../make-vm.ts";
import { isPromised } from "../mapping/admission.ts";
import { type Marker, readMarker } from "../mapping/metadata.ts";
import { observe } from "../mapping/observation.ts";
import type { Plan } from "../mapping/plan.ts";
import { markerFor, planNew } from "../planning.ts";
import type { Found } from "../read-domain.ts";
import { planReshape, reshape } from "../reshape.ts";

/** One step of the resumable ensure: look, then do what is due. */
export const createVm =
  (host: Host): UnaryHandler<"createVm"> =>
  async ({ uid, spec, controllerId }, context) => {
    const asked = required(spec);
    const marker = markerFor(uid, controllerId, asked);
    const underWay = host.jobs.running(keyOf(uid));
    if (underWay !== undefined) return inProgress(underWay);
    return host.turns.run(uid, context.signal, async () => {
      const found = await host.domains.byUid(uid, context, "full");
      if (found !== undefined) {
        requireOwner(found, uid);
        requireSameSpec(found, marker);
        return complete(host, await corrected(host, found, marker, asked, context), context);
      }
      return counted(host, asked, context, () => make(host, marker, asked, context));
    });
  };

/** What is promised to a VM shows only once it is defined; until then the next that needs a promise waits. */
function counted<T>(host: Host, spec: VMSpec, { signal }: Call, work: () => Promise<T>): Promise<T> {
  return isPromised(spec) ? host.turns.run("promises", signal, work) : work();
}

async function make(
  host: Host,
  marker: Marker,
  spec: VMSpec,
  context: CallContext,
): Promise<CreateVMResponse> {
  const { plan, violations } = await planNew(host, marker, spec, context);
  if (plan === undefined) throw failedPrecondition(violations);
  if (plan.volumes.some(({ preallocate }) => preallocate))
    return inProgress(makeAsJob(host, marker, plan, spec.name, context));
  return complete(host, await makeVm(host, marker, plan, context, context.log), context);
}

/** The VM with what someone changed put right, as long as it is off. */
async function corrected(host: Host, found: Found, marker: Marker, spec: VMSpec, call: Call): Promise<Found> {
  if (found.live !== undefined || found.hasManagedSave) return found;
  const plan = await planReshape(host, found, marker, spec, call);
  if (plan.changes.length === 0) return found;
  await reshape(host, found, plan, marker, call);
  const now = await host.domains.read(found.domain, call, "full");
  if (now === undefined) throw notFound(`VM ${spec.name} was removed meanwhile`);
  host.inventory.note(now);
  return now;
}

const keyOf = (uid: string): string => `create ${uid}`;

/** Taking all the space of a disk at once may take minutes. */
function makeAsJob(host: Host, marker: Marker, plan: Plan, name: string, { log }: CallContext): Operation {
  return host.jobs.start({
    key: keyOf(marker.uid),
    description: `create VM ${name}`,
    run: ({ signal }) =>
      host.turns.run(marker.uid, signal, async () => {
        await makeVm(host, marker, plan, { signal }, log);
        return undefined;
      }),
  });
}

const inProgress = (operation: Operation): CreateVMResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
  vm: undefined,
});

async function complete(host: Host, found: Found, call: Call): Promise<CreateVMResponse> {
  const vm = observe(found, await host.sight(call), View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm };
}

function requireSameSpec({ domain, stored }: Found, { uid, specFingerprint }: Marker): void {
  if (readMarker(stored)?.specFingerprint === specFingerprint) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "SPEC_MISMATCH",
    message: `VM ${domain.name} of ${uid} was made from another spec; use ReconfigureVM to change it`,
  });
}
