import type { Kind, Resource, ResourceOf } from "../api/kinds.ts";
import type { VirtualMachineStatus } from "../status-types.ts";

/** Names an object within its kind. */
export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

/** An object that appeared, changed or went away. */
export interface Change extends Ref {
  readonly kind: Kind;
}

/** Where intent is kept, and what the controller found is written: a folder of manifests, or Kubernetes. */
export interface Store {
  /** The object as declared now; undefined when there is none. A VM that shall be deleted carries metadata.deletionTimestamp. */
  get<K extends Kind>(kind: K, ref: Ref): Promise<ResourceOf<K> | undefined>;
  /** All objects of a kind, by namespace and name. */
  list<K extends Kind>(kind: K): Promise<readonly ResourceOf<K>[]>;
  /** Calls the listener after each change until the signal aborts. Changes close together may be told once. */
  watch(listener: (change: Change) => void, signal: AbortSignal): void;
  /** The VM's UID, an RFC 4122 UUID in lower case: the same for ever, and on stable storage before this resolves. */
  uid(vm: Ref): Promise<string>;
  /** What was written last about a VM; undefined when nothing was. */
  status(vm: Ref): Promise<VirtualMachineStatus | undefined>;
  /** Replaces what is written about a VM, whole or not at all. */
  writeStatus(vm: Ref, status: VirtualMachineStatus): Promise<void>;
  /** Forgets a VM that was deleted at its hypervisor. */
  forget(vm: Ref): Promise<void>;
}

/** "namespace/name", by which queues and messages call an object. */
export function refKey({ namespace, name }: Ref): string {
  return `${namespace}/${name}`;
}

/** The inverse of {@link refKey}. */
export function parseRefKey(key: string): Ref {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

/** The ref of an object. */
export function refOf({ metadata: { namespace, name } }: Resource): Ref {
  return { namespace, name };
}
