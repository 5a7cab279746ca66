import type { Resource } from "../api/kinds.ts";
import type { Provider } from "../api/provider.ts";
import type { PveStock } from "../children/pve-simulator.ts";
import { onOneStorage } from "./stand-in-storage.ts";

/** The node that there is when the manifests name none. */
const NODE = "pve1";
/** The simulator's storage for the disks of VMs. */
const STORAGE = "local-lvm";
/** VMID of the first template that the manifests name without one. */
const FIRST_VMID = 9000;

/** What a simulated Proxmox VE needs so that the manifests find their nodes and templates there. */
export function pveStock(resources: readonly Resource[]): PveStock {
  const images = resources.flatMap((resource) =>
    resource.kind === "VMImage" && resource.spec.source.proxmox !== undefined
      ? [{ name: resource.metadata.name, ...resource.spec.source.proxmox }]
      : [],
  );
  const hosts = resources.flatMap((resource) =>
    resource.kind === "VirtualMachine" ? [resource.spec.placement?.host] : [],
  );
  const nodes = new Set([...images.map(({ node }) => node), ...hosts].filter((name) => name !== undefined));
  const taken = new Set(images.map(({ templateID }) => templateID));
  let next = FIRST_VMID;
  const freeVmid = () => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  };
  const templates = new Map<string, number>();
  // Those with a VMID first: an image that names only the template may mean one of them.
  const numbered = images.filter(({ templateID }) => templateID !== undefined);
  for (const { name, templateID, templateName } of [...numbered, ...images]) {
    const key = templateName ?? name;
    if (!templates.has(key)) templates.set(key, templateID ?? freeVmid());
  }
  return {
    nodes: nodes.size === 0 ? [NODE] : [...nodes].sort(),
    templates: [...templates].map(([name, vmid]) => ({ vmid, name })),
  };
}

/**
 * The Provider as a simulated Proxmox VE serves it: the endpoint is the simulator's, every storage class is the one storage that it
 * has for disks, and all else that names something of a real cluster is left to the provider's choice.
 */
export function simulatedPve(provider: Provider, url: string, resources: readonly Resource[]): Provider {
  const { defaults: _, runtime: __, ...spec } = provider.spec;
  return {
    ...provider,
    spec: {
      ...spec,
      endpoint: url,
      insecureSkipVerify: false,
      storageClasses: onOneStorage(resources, { storage: STORAGE }),
    },
  };
}
