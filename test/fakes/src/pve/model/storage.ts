import { fail } from "../api/error.ts";
import type { StorageOptions } from "../options.ts";
import { fullMessages, type StorageType, type StorageTypeName, storageTypes } from "./storage-types.ts";

/** One volume of a storage. */
export interface Volume {
  /** Below the storage: `910/vm-910-disk-0.raw`, `vm-910-disk-0`, `iso/debian.iso`, `import/noble.qcow2`. */
  readonly name: string;
  readonly content: "images" | "iso" | "import" | "vztmpl" | "snippets";
  readonly format: string;
  /** The VM it belongs to. */
  readonly vmid: number | undefined;
  sizeBytes: number;
  /** What it really takes. */
  usedBytes: number;
  /** Seconds since the epoch. */
  readonly ctime: number;
  /** The base volume's name, of a linked clone. */
  readonly parent: string | undefined;
  /** Names of its snapshots. */
  readonly snapshots: Set<string>;
}

/** What to allocate. */
export interface Allocation {
  readonly vmid: number;
  readonly sizeBytes: number;
  readonly format?: string;
  /** Default: vm-VMID-disk-N with the first free N. */
  readonly name?: string;
  /** Bytes that are written at once; default: next to nothing, volumes are sparse. */
  readonly dataBytes?: number;
  readonly print: (line: string) => void;
}

const SHARED = "*";
const DEFAULT_TOTAL = 500 * 2 ** 30;
const DEFAULT_USED = 10 * 2 ** 30;
const SPARSE = { raw: 4096, qcow2: 331776 };

/** A storage of the cluster with its volumes; what is not shared has volumes of its own on each node. */
export class Storage {
  readonly id: string;
  readonly typeName: StorageTypeName;
  readonly type: StorageType;
  readonly content: readonly string[];
  readonly shared: boolean;
  readonly nodes: readonly string[] | undefined;
  readonly totalBytes: number;
  readonly #otherBytes: number;
  readonly #volumes = new Map<string, Map<string, Volume>>();

  constructor(options: StorageOptions) {
    this.id = options.id;
    this.typeName = options.type ?? "dir";
    this.type = storageTypes[this.typeName];
    this.content = options.content ?? this.type.content;
    this.shared = options.shared ?? this.type.shared;
    this.nodes = options.nodes;
    this.totalBytes = options.totalBytes ?? DEFAULT_TOTAL;
    this.#otherBytes = options.usedBytes ?? Math.min(DEFAULT_USED, this.totalBytes);
  }

  isOn(node: string): boolean {
    return this.nodes?.includes(node) ?? true;
  }

  /** By name. */
  volumes(node: string): Map<string, Volume> {
    const key = this.shared ? SHARED : node;
    const found = this.#volumes.get(key) ?? new Map<string, Volume>();
    this.#volumes.set(key, found);
    return found;
  }

  usedBytes(node: string): number {
    const volumes = [...this.volumes(node).values()];
    return Math.min(
      this.totalBytes,
      volumes.reduce((sum, volume) => sum + volume.usedBytes, this.#otherBytes),
    );
  }

  availableBytes(node: string): number {
    return this.totalBytes - this.usedBytes(node);
  }

  /** Where a file volume is, or the device of a block volume. */
  path(name: string): string {
    if (!this.type.files) return `/dev/pve/${name}`;
    const root = this.id === "local" ? "/var/lib/vz" : `/mnt/pve/${this.id}`;
    const [first = "", ...rest] = name.split("/");
    if (first === "iso") return `${root}/template/iso/${rest.join("/")}`;
    if (/^\D/.test(first)) return `${root}/${name}`;
    return `${root}/images/${name.split("/").slice(-2).join("/")}`;
  }

  /** Creates a volume of a VM. Fails when there is no room or the name is taken. */
  allocate(node: string, order: Allocation): Volume {
    const format = this.type.files ? (order.format ?? "raw") : "raw";
    const bare = order.name ?? this.#freeName(node, order.vmid);
    const file = this.type.files ? `${order.vmid}/${bare}.${format}` : bare;
    if (this.volumes(node).has(file)) fail(`disk image '${this.path(file)}' already exists`);
    const { extentBytes } = this.type;
    const sizeBytes = Math.ceil(order.sizeBytes / extentBytes) * extentBytes;
    const sparse = format === "qcow2" ? SPARSE.qcow2 : SPARSE.raw;
    const usedBytes = this.type.thick ? sizeBytes : Math.max(order.dataBytes ?? 0, sparse);
    this.#mustHaveRoom(node, usedBytes, this.type.files ? this.path(file) : file);
    order.print(this.#created(file, format, sizeBytes));
    return this.#add(node, { name: file, format, vmid: order.vmid, sizeBytes, usedBytes });
  }

  /** Creates a volume that only keeps what differs from a base volume. */
  cloneLinked(node: string, base: Volume, vmid: number, print: (line: string) => void): Volume {
    const bare = this.#freeName(node, vmid);
    const file = this.type.files ? `${bare}.qcow2` : bare;
    const own = this.type.files ? `${vmid}/${file}` : file;
    const name = this.type.namesBase ? `${base.name}/${own}` : own;
    this.#mustHaveRoom(node, SPARSE.qcow2, this.path(own));
    const { sizeBytes } = base;
    if (this.type.files) {
      const back = `../${base.name}`;
      print(`clone ${base.name}: images, ${file}, ${vmid} to ${file} (base=${back})`);
      print(
        `Formatting '${this.path(own)}', fmt=qcow2 cluster_size=131072 extended_l2=on preallocation=metadata` +
          ` compression_type=zlib size=${sizeBytes} backing_file=${back} backing_fmt=${base.format}` +
          " lazy_refcounts=off refcount_bits=16",
      );
    } else print(`  Logical volume "${file}" created.`);
    const format = this.type.files ? "qcow2" : "raw";
    return this.#add(node, { name, format, vmid, sizeBytes, usedBytes: SPARSE.qcow2, parent: base.name });
  }

  /** Turns a VM's volume into a base volume; gives the new one. */
  makeBase(node: string, volume: Volume): Volume {
    const name = volume.name.replace(/vm-(\d+-disk-\d+[^/]*)$/, "base-$1");
    this.volumes(node).delete(volume.name);
    return this.#add(node, { ...volume, name });
  }

  /** Puts a file there that no VM owns. Fails when there is no room. */
  addFile(node: string, content: Volume["content"], name: string, format: string, sizeBytes: number): Volume {
    if (sizeBytes > this.availableBytes(node)) fail("download failed: exit code 3");
    return this.#add(node, { name, content, format, vmid: undefined, sizeBytes, usedBytes: sizeBytes });
  }

  free(node: string, volume: Volume): void {
    if (this.isBaseInUse(node, volume)) fail(`base volume '${volume.name}' is still in use by linked clones`);
    this.volumes(node).delete(volume.name);
  }

  isBaseInUse(node: string, volume: Volume): boolean {
    if (!this.type.namesBase) return false;
    return [...this.volumes(node).values()].some((other) => other.parent === volume.name);
  }

  /** Can it be snapshotted, cloned without a copy, copied? */
  hasFeature(feature: string, volume: Volume, ofSnapshot: boolean): boolean {
    const isBase = /(^|\/)base-[^/]*$/.test(volume.name);
    const snapshottable =
      this.type.snapshots === "all" || (this.type.snapshots === "qcow2" && volume.format === "qcow2");
    if (feature === "snapshot") return snapshottable && !isBase;
    if (feature === "clone") return this.type.clones && isBase && !ofSnapshot;
    return feature === "copy" && (!ofSnapshot || snapshottable);
  }

  #add(
    node: string,
    volume: Partial<Volume> & Pick<Volume, "name" | "format" | "vmid" | "sizeBytes" | "usedBytes">,
  ) {
    const ctime = Math.floor(Date.now() / 1000);
    const added: Volume = { content: "images", parent: undefined, ctime, snapshots: new Set(), ...volume };
    this.volumes(node).set(added.name, added);
    return added;
  }

  #created(file: string, format: string, sizeBytes: number): string {
    if (!this.type.files) return `  Logical volume "${file}" created.`;
    const tail =
      format === "qcow2"
        ? ` cluster_size=65536 extended_l2=off preallocation=metadata compression_type=zlib size=${sizeBytes} lazy_refcounts=off refcount_bits=16`
        : ` size=${sizeBytes} preallocation=off`;
    return `Formatting '${this.path(file)}', fmt=${format}${tail}`;
  }

  #mustHaveRoom(node: string, bytes: number, volume: string): void {
    if (bytes > this.availableBytes(node)) fail(fullMessages[this.typeName](volume));
  }

  #freeName(node: string, vmid: number): string {
    const taken = new Set<number>();
    for (const name of this.volumes(node).keys()) {
      const match = new RegExp(`(?:vm|base)-${vmid}-disk-(\\d+)[^/]*$`).exec(name);
      if (match !== null) taken.add(Number(match[1]));
    }
    let index = 0;
    while (taken.has(index)) index += 1;
    return `vm-${vmid}-disk-${index}`;
  }
}
