import type { Kind, Resource, ResourceOf } from "../api/kinds.ts";
import { objectName } from "./problem.ts";

/** Objects by identity. */
export interface Lookup {
  /** The object of that kind, namespace and name, if there is one. */
  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined;
}

/** Makes objects findable by kind, namespace and name. Of several with one identity the last is found. */
export function index(resources: Iterable<Resource>): Lookup {
  const objects = new Map<string, Resource>();
  for (const resource of resources)
    objects.set(objectName({ kind: resource.kind, ...resource.metadata }), resource);
  return {
    get: <K extends Kind>(kind: K, namespace: string, name: string) => {
      const found = objects.get(objectName({ kind, namespace, name }));
      return found !== undefined && isOf(found, kind) ? found : undefined;
    },
  };
}

function isOf<K extends Kind>(resource: Resource, kind: K): resource is ResourceOf<K> {
  return resource.kind === kind;
}
