import type { GuestCredentials } from "@virtrigaud/proto";
import type { Kind, Resource, ResourceOf } from "../../api/kinds.ts";
import { unsupportedFields } from "../../api/unsupported.ts";
import type { VirtualMachine } from "../../api/virtual-machine.ts";
import type { VMClass } from "../../api/vm-class.ts";
import type { Obstacle } from "../../obstacle.ts";
import type { Availability } from "../../pass.ts";
import { standInImage } from "../../providers/emulation.ts";
import type { ProviderState } from "../../providers/provider-state.ts";
import { type Ref, type Store, refKey, refOf } from "../../store/store.ts";
import type { Inputs } from "../../translate/inputs.ts";
import { GUEST_CREDENTIALS, readGuestCredentials } from "./guest-credentials.ts";

/** What a VirtualMachine refers to, as far as it is there. */
export interface Gathered {
  /** Everything that translation needs; undefined when something is missing. */
  readonly inputs: Inputs | undefined;
  readonly vmClass: VMClass | undefined;
  /** Account in the guest that the VM names for proofs. */
  readonly guestCredentials: GuestCredentials | undefined;
  readonly obstacles: readonly Obstacle[];
}

interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The provider that a VirtualMachine names. */
export function providerRef({ metadata, spec }: VirtualMachine): Ref {
  return resolved(spec.providerRef, metadata.namespace);
}

/** Looks up everything that the VM names; each missing object is an obstacle that says where it was looked for. */
export async function gather(
  vm: VirtualMachine,
  store: Store,
  state: ProviderState | undefined,
): Promise<Gathered> {
  const obstacles: Obstacle[] = [];
  const find = async <K extends Kind>(
    kind: K,
    field: string,
    ref: ObjectRef,
  ): Promise<ResourceOf<K> | undefined> => {
    const full = resolved(ref, vm.metadata.namespace);
    const found = await store.get(kind, full);
    if (found === undefined) {
      obstacles.push({
        reason: `${kind}NotFound`,
        message: `${field}: there is no ${kind} ${refKey(full)}`,
        final: true,
      });
    }
    return found;
  };
  const { classRef, imageRef, networks = [], userData, metaData } = vm.spec;
  const vmClass = await find("VMClass", "spec.classRef", classRef);
  const named = imageRef && (await find("VMImage", "spec.imageRef", imageRef));
  const { images } = state?.standIn ?? {};
  const image = named && vmClass && images ? standInImage(named, vmClass, images) : named;
  const attachments = await Promise.all(
    networks.map(
      ({ name, networkRef }) =>
        networkRef && find("VMNetworkAttachment", `spec.networks[${name}].networkRef`, networkRef),
    ),
  );
  const secretNames = [
    ["spec.userData.cloudInit.secretRef", userData?.cloudInit?.secretRef?.name],
    ["spec.metaData.cloudInit.secretRef", metaData?.cloudInit?.secretRef?.name],
  ] as const;
  const secrets = new Map<string, ResourceOf<"Secret">>();
  for (const [field, name] of secretNames) {
    const secret = name === undefined ? undefined : await find("Secret", field, { name });
    if (secret !== undefined) secrets.set(secret.metadata.name, secret);
  }
  const guestSecret = vm.metadata.annotations?.["virtrigaud.io/guest-credentials"];
  const guest =
    guestSecret === undefined ? undefined : await find("Secret", GUEST_CREDENTIALS, { name: guestSecret });
  const guestCredentials = guest && readGuestCredentials(guest, (obstacle) => obstacles.push(obstacle));
  const declared = [vm, vmClass, named, state?.effective, ...attachments].filter(
    (object) => object !== undefined,
  );
  obstacles.push(...declared.flatMap(unsupported));
  const complete = obstacles.length === 0 && vmClass !== undefined && state !== undefined;
  return {
    inputs: complete ? { vm, vmClass, provider: state.effective, image, attachments, secrets } : undefined,
    vmClass,
    guestCredentials,
    obstacles,
  };
}

/** A field that is accepted and that nobody can honour is refused by name, never dropped. */
function unsupported(resource: Resource): Obstacle[] {
  const name = `${resource.kind} ${refKey(refOf(resource))}`;
  return unsupportedFields(resource).map(({ path, message }) => ({
    reason: "UnsupportedField",
    message: `${name} ${path}: ${message}`,
    final: true,
  }));
}

/** Why the VM's provider cannot be called now; empty when it can. */
export function providerObstacles(vm: VirtualMachine, state: ProviderState | undefined): Obstacle[] {
  if (state?.connection !== undefined) return [];
  const { reason, message } = availabilityOf(vm, state);
  return [{ reason, message, final: state?.final ?? true }];
}

/** Whether the VM's provider can be called, for its condition. */
export function availabilityOf(vm: VirtualMachine, state: ProviderState | undefined): Availability {
  if (state !== undefined) return state.availability;
  const message = `spec.providerRef: there is no Provider ${refKey(providerRef(vm))}`;
  return { status: "False", reason: "ProviderNotFound", message };
}

function resolved({ name, namespace }: ObjectRef, ownNamespace: string): Ref {
  return { namespace: namespace ?? ownNamespace, name };
}
