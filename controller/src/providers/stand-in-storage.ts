import type { Resource } from "../api/kinds.ts";
import type { Provider } from "../api/provider.ts";

type StorageClasses = NonNullable<Provider["spec"]["storageClasses"]>;

/** Every storage class that the manifests name, on the one storage that a stand-in has. */
export function onOneStorage(resources: readonly Resource[], native: StorageClasses[string]): StorageClasses {
  const names = new Set(resources.flatMap(storageClassesOf));
  return Object.fromEntries([...names].sort().map((name) => [name, native]));
}

function storageClassesOf(resource: Resource): string[] {
  switch (resource.kind) {
    case "VMClass":
      return present([resource.spec.diskDefaults?.storageClass]);
    case "VirtualMachine":
      return present((resource.spec.disks ?? []).map(({ storageClass }) => storageClass));
    default:
      return [];
  }
}

function present(names: readonly (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined && name !== "") as string[];
}
