/** What a storage type can do. */
export interface StorageType {
  /** Volumes are files with a format; otherwise they are raw block devices. */
  readonly files: boolean;
  readonly shared: boolean;
  /** What can be snapshotted. */
  readonly snapshots: "qcow2" | "all" | "none";
  /** Can base volumes be cloned without a copy? */
  readonly clones: boolean;
  /** Does a linked clone's volume name begin with its base's? */
  readonly namesBase: boolean;
  /** A volume takes its whole size from the start. */
  readonly thick: boolean;
  readonly content: readonly string[];
  /** Block volumes are multiples of it. */
  readonly extentBytes: number;
}

const files = {
  files: true,
  snapshots: "qcow2",
  clones: true,
  namesBase: true,
  thick: false,
  content: ["images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import"],
  extentBytes: 1,
} as const;
const blocks = {
  files: false,
  shared: false,
  snapshots: "all",
  clones: true,
  namesBase: true,
  thick: false,
  content: ["images", "rootdir"],
  extentBytes: 4 * 2 ** 20,
} as const;

export const storageTypes = {
  dir: { ...files, shared: false },
  nfs: { ...files, shared: true },
  lvm: { ...blocks, snapshots: "none", clones: false, thick: true },
  lvmthin: { ...blocks, namesBase: false },
  zfspool: { ...blocks, extentBytes: 2 ** 20 },
  rbd: { ...blocks, shared: true },
} as const satisfies Readonly<Record<string, StorageType>>;

export type StorageTypeName = keyof typeof storageTypes;

/** What each type answers when there is no room. */
export const fullMessages: Readonly<Record<StorageTypeName, (volume: string) => string>> = {
  dir: noSpace,
  nfs: noSpace,
  lvm: (name) => `lvcreate 'pve/${name}' error:   Volume group "pve" has insufficient free space`,
  lvmthin: (name) =>
    `lvcreate 'pve/${name}' error:   Cannot create new thin volume, free space in thin pool pve/data reached threshold.`,
  zfspool: (name) => `zfs error: cannot create 'rpool/data/${name}': out of space`,
  rbd: (name) => `rbd create '${name}' error: rbd: create error: (28) No space left on device`,
};

function noSpace(path: string): string {
  return `unable to create image: qemu-img: ${path}: Could not write to file: No space left on device`;
}
