import { randomUUID } from "node:crypto";
import type { TemplateOptions } from "../options.ts";
import { formatSize } from "../schema/print.ts";
import type { Cluster } from "./cluster.ts";

const DEFAULT_DISK = 10 * 2 ** 30;
/** What a small cloud image takes. */
const DATA = 600 * 2 ** 20;

/** Puts a template with one disk into a cluster. Throws when the options name what is not there. */
export function addTemplate(cluster: Cluster, options: TemplateOptions): void {
  const node = options.node ?? cluster.local.name;
  const holders = [...cluster.storages.values()].filter((candidate) => candidate.content.includes("images"));
  const storage = options.storage === undefined ? holders[0] : cluster.storages.get(options.storage);
  if (storage === undefined || !cluster.nodes.has(node))
    throw new Error(
      `template ${options.vmid}: no node '${node}' or no storage '${options.storage ?? "of images"}'`,
    );
  const sizeBytes = options.diskBytes ?? DEFAULT_DISK;
  const format = "qcow2";
  const volume = storage.allocate(node, {
    vmid: options.vmid,
    sizeBytes,
    format,
    dataBytes: Math.min(DATA, sizeBytes),
    print: () => {},
  });
  const base = storage.makeBase(node, volume);
  cluster.addVm(options.vmid, node, {
    name: options.name,
    memory: "512",
    cores: "1",
    scsihw: "virtio-scsi-pci",
    scsi0: `${storage.id}:${base.name},size=${formatSize(base.sizeBytes)}`,
    boot: "order=scsi0",
    smbios1: `uuid=${randomUUID()}`,
    ...options.config,
    template: "1",
  });
}
