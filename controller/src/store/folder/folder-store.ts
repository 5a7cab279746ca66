import type { Kind, Resource, ResourceOf } from "../../api/kinds.ts";
import { loadManifests } from "../../manifest/load.ts";
import type { ManifestProblem } from "../../manifest/problem.ts";
import type { VirtualMachineStatus } from "../../status-types.ts";
import { type Change, type Ref, type Store, refKey, refOf } from "../store.ts";
import type { Records } from "./records.ts";
import { watchFiles } from "./watch-files.ts";

/** A folder store's parts. */
export interface FolderStoreOptions {
  /** Files and folders of manifests. */
  readonly paths: readonly string[];
  /** What they hold now, without problems. */
  readonly resources: readonly Resource[];
  readonly records: Records;
  /** Every VM shall be deleted. */
  readonly deleting: boolean;
  /** Told when the files changed to something wrong; what was right before stays in force as a whole. */
  readonly onProblems: (problems: readonly ManifestProblem[]) => void;
}

/** Intent from manifests in folders; UIDs and statuses in a state folder beside them. */
export class FolderStore implements Store {
  readonly #options: FolderStoreOptions;
  #objects: Map<string, Resource>;

  constructor(options: FolderStoreOptions) {
    this.#options = options;
    this.#objects = this.#index(options.resources);
  }

  get<K extends Kind>(kind: K, ref: Ref): Promise<ResourceOf<K> | undefined> {
    const found = this.#objects.get(`${kind} ${refKey(ref)}`);
    return Promise.resolve(found !== undefined && isOf(found, kind) ? found : undefined);
  }

  list<K extends Kind>(kind: K): Promise<readonly ResourceOf<K>[]> {
    const all = [...this.#objects.values()].filter((resource) => isOf(resource, kind));
    return Promise.resolve(all.sort((a, b) => (refKey(refOf(a)) < refKey(refOf(b)) ? -1 : 1)));
  }

  watch(listener: (change: Change) => void, signal: AbortSignal): void {
    watchFiles(this.#options.paths, () => void this.#reload(listener, signal), signal);
  }

  uid(vm: Ref): Promise<string> {
    return this.#options.records.uid(vm);
  }

  status(vm: Ref): Promise<VirtualMachineStatus | undefined> {
    return this.#options.records.status(vm);
  }

  writeStatus(vm: Ref, status: VirtualMachineStatus): Promise<void> {
    return this.#options.records.writeStatus(vm, status);
  }

  async forget(vm: Ref): Promise<void> {
    await this.#options.records.forget(vm);
    this.#objects.delete(`VirtualMachine ${refKey(vm)}`);
  }

  async #reload(listener: (change: Change) => void, signal: AbortSignal): Promise<void> {
    const { resources, problems } = await loadManifests(this.#options.paths);
    if (signal.aborted) return;
    if (problems.length > 0) {
      this.#options.onProblems(problems);
      return;
    }
    const before = this.#objects;
    const after = this.#index(resources.map(({ resource }) => resource));
    this.#objects = after;
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(id), after.get(id)];
      const either = now ?? old;
      if (either !== undefined && JSON.stringify(old) !== JSON.stringify(now)) {
        listener({ kind: either.kind, ...refOf(either) });
      }
    }
  }

  #index(resources: readonly Resource[]): Map<string, Resource> {
    const marked = resources.map((resource) => withIntent(resource, this.#options.deleting));
    return new Map(marked.map((resource) => [`${resource.kind} ${refKey(refOf(resource))}`, resource]));
  }
}

/** Only the command line asks for deletion here: a manifest may have been exported from a cluster while its VM was going away. */
function withIntent(resource: Resource, deleting: boolean): Resource {
  if (resource.kind !== "VirtualMachine") return resource;
  const { deletionTimestamp: _, ...metadata } = resource.metadata;
  return deleting
    ? { ...resource, metadata: { ...metadata, deletionTimestamp: new Date().toISOString() } }
    : { ...resource, metadata };
}

function isOf<K extends Kind>(resource: Resource, kind: K): resource is ResourceOf<K> {
  return resource.kind === kind;
}
