import type { Resource } from "../api/kinds.ts";
import type { Provider } from "../api/provider.ts";
import type { SimulatorStock } from "../children/simulator.ts";

/** What a simulated vCenter needs so that the manifests find their templates and storage there. */
export function simulatorStock(resources: readonly Resource[]): SimulatorStock {
  return {
    templates: unique(resources.flatMap(templates)),
    datastores: unique(resources.flatMap(datastores)),
  };
}

/**
 * The Provider as a simulator serves it: the endpoint is the simulator's, and cluster, resource pool and networks, which a
 * simulator has under its own names, are left to the provider's choice. Storage keeps its names, for it is stocked. The daemon is ours.
 */
export function simulatedProvider(provider: Provider, url: string): Provider {
  const { defaults, storageClasses, runtime: _, ...spec } = provider.spec;
  const { datastore, folder } = defaults ?? {};
  const mapped = Object.entries(storageClasses ?? {}).filter(
    ([, { datastore: native }]) => native !== undefined,
  );
  return {
    ...provider,
    spec: {
      ...spec,
      endpoint: url,
      insecureSkipVerify: false,
      defaults: { ...(datastore !== undefined && { datastore }), ...(folder !== undefined && { folder }) },
      storageClasses: Object.fromEntries(mapped),
    },
  };
}

function templates(resource: Resource): string[] {
  if (resource.kind !== "VMImage") return [];
  const name = resource.spec.source.vsphere?.templateName;
  // An inventory path names the template last.
  return name === undefined ? [] : [name.slice(name.lastIndexOf("/") + 1)];
}

function datastores(resource: Resource): (string | undefined)[] {
  switch (resource.kind) {
    case "VMClass":
      return [resource.spec.diskDefaults?.storageClass];
    case "VirtualMachine":
      return [
        resource.spec.placement?.datastore,
        ...(resource.spec.disks ?? []).map((disk) => disk.storageClass),
      ];
    case "Provider":
      return [
        resource.spec.defaults?.datastore,
        ...Object.values(resource.spec.storageClasses ?? {}).map((storage) => storage.datastore),
      ];
    default:
      return [];
  }
}

function unique(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined && name !== ""))].sort() as string[];
}
