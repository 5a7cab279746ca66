import type { Kind, ResourceOf } from "../api/kinds.ts";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { Change } from "../store/store.ts";

/** Whether a change of that object can change what becomes of the VM. */
export function concerns({ kind, namespace, name }: Change, vm: VirtualMachine): boolean {
  return referencesOf(vm).some(
    (ref) => ref.kind === kind && ref.name === name && (ref.namespace ?? vm.metadata.namespace) === namespace,
  );
}

interface Reference {
  readonly kind: Kind;
  readonly name: string | undefined;
  readonly namespace?: string | undefined;
}

function referencesOf({ metadata, spec }: VirtualMachine): Reference[] {
  return [
    { kind: "VirtualMachine", ...metadata },
    { kind: "Provider", ...spec.providerRef },
    { kind: "VMClass", ...spec.classRef },
    { kind: "VMImage", name: undefined, ...spec.imageRef },
    ...(spec.networks ?? []).map(
      ({ networkRef }): Reference => ({ kind: "VMNetworkAttachment", name: undefined, ...networkRef }),
    ),
    { kind: "Secret", name: spec.userData?.cloudInit?.secretRef?.name },
    { kind: "Secret", name: spec.metaData?.cloudInit?.secretRef?.name },
    { kind: "Secret", name: metadata.annotations?.["virtrigaud.io/guest-credentials"] },
  ];
}

/** Whether a Provider's daemon has to be started anew when that object changed. */
export function concernsProvider(
  { kind, namespace, name }: Change,
  { metadata, spec }: ResourceOf<"Provider">,
): boolean {
  if (kind === "Provider") return metadata.name === name && metadata.namespace === namespace;
  const credentials = spec.credentialSecretRef;
  const tls = spec.runtime?.service?.tls?.secretRef?.name;
  const isCredentials =
    credentials.name === name && (credentials.namespace ?? metadata.namespace) === namespace;
  return kind === "Secret" && (isCredentials || (tls === name && metadata.namespace === namespace));
}
