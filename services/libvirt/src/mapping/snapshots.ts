import type { Snapshot } from "@virtrigaud/proto";
import { diskDevices, diskName, fileOf } from "./found-disks.ts";
import { decodeName, encodeName, memoryFileName, overlayName } from "./names.ts";
import { all, el, type Element, first, numberOf, parseXml, renderXml, textOf } from "./xml.ts";

/** A snapshot as libvirt keeps it: the files that hold the disks as they were, and the domain as it was. */
export interface FoundSnapshot {
  /** libvirt's name of it, which is its id. */
  id: string;
  name: string;
  description: string;
  quiesced: boolean;
  parentId: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** File of the memory; undefined when it holds none. */
  memoryFile: string | undefined;
  /** The stored domain of then; its disks are the files that nothing has written to since. */
  domain: Element;
  /** libvirt's own description, to hand back to it. */
  xml: string;
}

/** What a snapshot is taken with. */
export interface SnapshotRequest {
  uid: string;
  name: string;
  description: string;
  includeMemory: boolean;
  quiesce: boolean;
  /** Makes the names of its files unique. */
  mark: string;
}

/** libvirt takes no "/" and no leading "." in a snapshot's name, and has no field for more than it knows. */
export const snapshotId = (name: string): string => encodeName(name);
const quiescedMark = "\n[quiesced]";

/** The description for libvirt: every disk goes on in a new file beside its present one, which from then on stays as it is. */
export function snapshotXml(domain: Element, request: SnapshotRequest): string {
  const { uid, name, description, includeMemory, quiesce, mark } = request;
  const disks = all(domain, "devices", "disk").map((device) => snapshotDisk(device, uid, mark));
  const [root] = diskDevices(domain);
  const folder = root === undefined ? "" : folderOf(fileOf(root));
  const memory = includeMemory
    ? { snapshot: "external", file: `${folder}/${memoryFileName(uid, mark)}` }
    : { snapshot: "no" };
  return renderXml(
    el("domainsnapshot", {}, [
      el("name", {}, snapshotId(name)),
      el("description", {}, quiesce ? `${description}${quiescedMark}` : description),
      el("memory", memory),
      el("disks", {}, disks),
    ]),
  );
}

function snapshotDisk(device: Element, uid: string, mark: string): Element {
  const name = first(device, "target")?.attributes.dev ?? "";
  if (!diskDevices(wrap(device)).includes(device)) return el("disk", { name, snapshot: "no" });
  const file = `${folderOf(fileOf(device))}/${overlayName(uid, diskName(device, uid), mark)}`;
  return el("disk", { name, snapshot: "external", type: "file" }, [
    el("driver", { type: "qcow2" }),
    el("source", { file }),
  ]);
}

const wrap = (device: Element): Element => el("domain", {}, [el("devices", {}, [device])]);
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Reads libvirt's description of a snapshot. */
export function readSnapshot(xml: string): FoundSnapshot {
  const root = parseXml(xml);
  const id = textOf(root, "name") ?? "";
  const text = textOf(root, "description") ?? "";
  const quiesced = text.endsWith(quiescedMark.trimStart());
  const memory = first(root, "memory")?.attributes;
  return {
    id,
    name: decodeName(id) ?? id,
    description: quiesced ? text.slice(0, -quiescedMark.trimStart().length).trimEnd() : text,
    quiesced,
    parentId: textOf(root, "parent", "name") ?? "",
    createdAt: (numberOf(root, "creationTime") ?? 0) * 1_000,
    memoryFile: memory?.snapshot === "external" ? memory.file : undefined,
    // What ran and what was stored are both kept where they differ.
    domain: named(first(root, "inactiveDomain")) ?? first(root, "domain") ?? el("domain"),
    xml,
  };
}

const named = (domain: Element | undefined): Element | undefined => domain && { ...domain, name: "domain" };

/** All snapshots of a domain, parents before children, in the contract's words. */
export function snapshotMessages(found: readonly FoundSnapshot[], currentId: string | undefined): Snapshot[] {
  return parentsFirst(found).map(({ id, name, description, quiesced, parentId, createdAt, memoryFile }) => ({
    id,
    name,
    description,
    includesMemory: memoryFile !== undefined,
    quiesced,
    parentId,
    current: id === currentId,
    createTime: new Date(createdAt),
  }));
}

function parentsFirst(found: readonly FoundSnapshot[]): FoundSnapshot[] {
  const ids = new Set(found.map(({ id }) => id));
  const children = new Map<string, FoundSnapshot[]>();
  for (const snapshot of [...found].sort((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id))) {
    const parent = ids.has(snapshot.parentId) ? snapshot.parentId : "";
    children.set(parent, [...(children.get(parent) ?? []), snapshot]);
  }
  const under = (parent: string): FoundSnapshot[] =>
    (children.get(parent) ?? []).flatMap((snapshot) => [snapshot, ...under(snapshot.id)]);
  return under("");
}

/** A domain with its disks in other files. */
export function withDiskFiles(domain: Element, files: ReadonlyMap<string, string>): Element {
  return {
    ...domain,
    children: domain.children.map((child) =>
      child.name === "devices"
        ? { ...child, children: child.children.map((device) => moved(device, files)) }
        : child,
    ),
  };
}

function moved(device: Element, files: ReadonlyMap<string, string>): Element {
  const file = device.name === "disk" ? files.get(fileOf(device)) : undefined;
  if (file === undefined) return device;
  const children = device.children
    // The chain below the new file is another one; libvirt finds it by itself.
    .filter(({ name }) => name !== "backingStore")
    .map((child) => (child.name === "source" ? el("source", { file }) : child));
  return { ...device, children };
}
