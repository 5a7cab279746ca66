import type { Disk, VMSpec } from "@virtrigaud/proto";
import { rootOption } from "./disks.ts";
import type { Node, Storage, Template } from "./inventory.ts";
import { decodeDrive, encodeDrive } from "./language/drive.ts";
import { size } from "./language/size.ts";
import { storageOf } from "./language/volume.ts";
import { listNames, type Problems } from "./problems.ts";
import { templateVolumes } from "./image.ts";
import { imageFormat } from "./provisioning.ts";
import { numbered, optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** How a VM is made from a template: a clone, then its own options. */
export interface Clone {
  /** Where the template is: the path of the call. */
  from: { node: string; vmid: number };
  /** POST clone, without `newid`. */
  parameters: Parameters;
  /** The VM's own options, for after the clone; those of its root disk come from {@link configureClone}. */
  options: Parameters;
  /** The template's options that the VM shall not have. */
  removed: readonly string[];
  /** Undefined for a template without disks. */
  root: { slot: string; disk: Disk } | undefined;
}

/** A disk to grow. */
export interface Resize {
  disk: string;
  /** "200G" */
  size: string;
}

/** What is due once a clone is made, by its options as they are: one change of the configuration, and what to grow. */
export function configureClone(
  { options, removed, root }: Clone,
  found: VmConfig,
): { parameters: Parameters; resizes: Resize[] } {
  const gone = removed.filter((name) => Object.hasOwn(found, name));
  const parameters = {
    ...options,
    ...(root === undefined ? {} : { [root.slot]: rootOption(root, found) }),
    ...(gone.length === 0 ? {} : { delete: gone.join(",") }),
  };
  return { parameters, resizes: root === undefined ? [] : resizes(root, found) };
}

/** An image is never cut. */
function resizes({ slot, disk }: { slot: string; disk: Disk }, found: VmConfig): Resize[] {
  const { sizeBytes: held = 0 } = decodeDrive(optionOf(found, slot) ?? "");
  const wanted = disk.sizeBytes ?? 0;
  return wanted > held ? [{ disk: slot, size: size.encode(wanted) ?? String(wanted) }] : [];
}

/** The options that a clone will have, as far as they can be told before there is one. */
export function asCloned({ options, removed, root, parameters }: Clone, { config }: Template): VmConfig {
  const kept = Object.entries(config).filter(([name]) => !removed.includes(name) && !neverCopied.test(name));
  const inherited = Object.fromEntries(kept);
  if (root === undefined) return { ...inherited, ...options };
  const { sizeBytes = 0, volume } = decodeDrive(optionOf(config, root.slot) ?? "");
  const grown = Math.max(sizeBytes, root.disk.sizeBytes ?? 0);
  const disk = decodeDrive(rootOption(root, config));
  // The volume's name is Proxmox VE's to give.
  const copy = parameters.storage === undefined ? volume : `${parameters.storage}:copy`;
  const option = encodeDrive({ ...disk, volume: copy, ...(grown === 0 ? {} : { sizeBytes: grown }) });
  return { ...inherited, ...options, [root.slot]: option };
}

const neverCopied = /^(?:template|digest|meta|vmgenid|lock|parent|snapshots)$/;

export interface CloneScope {
  template: Template;
  node: Node;
  /** Storage of the root disk. */
  storage: Storage | undefined;
  pool: string | undefined;
  description: string | undefined;
}

/** The parameters of the call that clones, or why it cannot be as asked. */
export function cloneParameters(spec: VMSpec, scope: CloneScope, problems: Problems): Parameters {
  const { template, node, storage, pool, description } = scope;
  const full = spec.image?.proxmox?.fullClone ?? true;
  if (!full) checkLinked(scope, problems);
  const format = storage && imageFormat(storage);
  return {
    full: full ? 1 : 0,
    name: spec.name,
    ...(node.name === template.node ? {} : { target: node.name }),
    // A linked clone is where its template is.
    ...(full && storage !== undefined ? { storage: storage.name } : {}),
    ...(full && format !== undefined ? { format } : {}),
    ...(pool === undefined ? {} : { pool }),
    ...(description === undefined ? {} : { description }),
  };
}

function checkLinked({ template, node, storage }: CloneScope, problems: Problems): void {
  const field = "spec.image.proxmox.full_clone";
  const homes = new Set(templateVolumes(template.config).map(storageOf));
  const thick = node.storages.filter(({ name, type }) => homes.has(name) && type === "lvm");
  if (thick.length > 0)
    problems.add(
      field,
      "CLONE_UNSUPPORTED",
      `storage ${listNames(thick.map(({ name }) => name))} cannot make linked clones; set fullClone: true or move the template to lvmthin, zfs, rbd or a directory`,
    );
  const isElsewhere = storage !== undefined && homes.size > 0 && !homes.has(storage.name);
  if (isElsewhere)
    problems.add(
      field,
      "CONFLICTING_OPTIONS",
      `a linked clone is on its template's storage (${listNames([...homes].flatMap((name) => name ?? []))}), not on ${storage.name}; set fullClone: true or leave the storage out`,
    );
}

/** What a template has and its clone shall not, beside what others ask to remove. */
export function removedFromTemplate(spec: VMSpec, existing: VmConfig, options: Parameters): string[] {
  const cards = spec.networkInterfaces.length === 0 ? [] : numbered(existing, "net").map(([name]) => name);
  // A template may have been made to run emulated, or with fewer CPUs than its cores.
  return [...cards, "kvm", "vcpus"].filter(
    (name) => Object.hasOwn(existing, name) && !Object.hasOwn(options, name),
  );
}
