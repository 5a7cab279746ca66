import { Feature } from "@virtrigaud/proto";
import type { VirtualMachine } from "../../api/virtual-machine.ts";
import type { VMClass } from "../../api/vm-class.ts";
import type { Obstacle } from "../../obstacle.ts";
import type { Availability } from "../../pass.ts";
import type { ProviderState } from "../../providers/provider-state.ts";
import { type Ref, type Store, refKey, refOf } from "../../store/store.ts";
import { specDigest } from "../../translate/digest.ts";
import { translate } from "../../translate/spec.ts";
import type { ImagePreparations } from "../images/preparations.ts";
import { imageOrder, importObstacle } from "../images/order.ts";
import type { NestingProofs } from "../nesting/proofs.ts";
import type { Actor } from "./actor.ts";
import { availabilityOf, gather, providerObstacles, providerRef } from "./gather.ts";

/** Everything about a VM's declaration that stays the same during a pass. */
export interface Plan {
  readonly vm: VirtualMachine;
  readonly vmClass: VMClass | undefined;
  readonly provider: Availability;
  readonly obstacles: readonly Obstacle[];
  /** Digest of the declaration; undefined when it cannot be translated. */
  readonly digest: string | undefined;
  /** What the provider may be asked for. */
  readonly features: ReadonlySet<Feature>;
  /** What to act with; undefined while the provider cannot be called. */
  readonly actor: Actor | undefined;
}

/** What planning needs. */
export interface Planner {
  readonly store: Store;
  readonly providerState: (provider: Ref) => ProviderState | undefined;
  readonly controllerId: string;
  readonly images: ImagePreparations;
  readonly proofs: NestingProofs;
}

/** Looks up and translates what a VM declares. A VM that shall go needs nothing but its provider for that. */
export async function planPass(vm: VirtualMachine, planner: Planner, signal: AbortSignal): Promise<Plan> {
  const state = planner.providerState(providerRef(vm));
  const { inputs, vmClass, guestCredentials, obstacles } = await gather(vm, planner.store, state);
  const features = state?.features ?? new Set();
  const translation = inputs && translate(inputs);
  const going = vm.metadata.deletionTimestamp !== undefined;
  const spec = translation?.spec;
  const digest = spec && specDigest(spec);
  const image = spec && inputs && imageOrder(spec, inputs.image, inputs.provider, features);
  const declared = going
    ? []
    : [...obstacles, ...(translation?.obstacles ?? []), ...importObstacle(image, inputs?.image)];
  return {
    vm,
    vmClass,
    provider: availabilityOf(vm, state),
    obstacles: [...declared, ...providerObstacles(vm, state)],
    digest,
    features,
    actor: state?.connection && {
      key: refKey(refOf(vm)),
      connection: state.connection,
      uid: await planner.store.uid(refOf(vm)),
      controllerId: planner.controllerId,
      spec,
      digest,
      image,
      images: planner.images,
      reconfigurable: features.has(Feature.RECONFIGURE),
      proofs: planner.proofs,
      guestCredentials,
      signal,
    },
  };
}
