/**
 * The bits of the `flags` and `stats` arguments that this project sets, by libvirt's public API numbers. Combine with `|`.
 */
export const DomainDefine = { VALIDATE: 1 } as const;

/** Which state of a domain a change is for; without any, the current one. */
export const Affect = { LIVE: 1, CONFIG: 2 } as const;

/** MAXIMUM sets the limit instead of the current number; GUEST asks the agent to bring processors on line. */
export const SetVcpus = { ...Affect, MAXIMUM: 4, GUEST: 8 } as const;

/** MAXIMUM sets the limit instead of the current size. */
export const SetMemory = { ...Affect, MAXIMUM: 4 } as const;

/** FORCE ejects a medium that the guest has locked. */
export const DeviceModify = { ...Affect, FORCE: 4 } as const;

export const DomainXml = { SECURE: 1, INACTIVE: 2, UPDATE_CPU: 4, MIGRATABLE: 8 } as const;

/** A domain with such state is undefined only with the bit that says what becomes of it. TPM bits since libvirt 8.9. */
export const Undefine = {
  MANAGED_SAVE: 1,
  SNAPSHOTS_METADATA: 2,
  NVRAM: 4,
  KEEP_NVRAM: 8,
  CHECKPOINTS_METADATA: 16,
  TPM: 32,
  KEEP_TPM: 64,
} as const;

export const DomainStart = { PAUSED: 1, FORCE_BOOT: 8 } as const;

/** Graceful: SIGTERM only, an error if that does not do. */
export const DomainDestroy = { GRACEFUL: 1 } as const;

/** How to ask the guest; without any the hypervisor chooses. The same bits for reboot. */
export const Shutdown = { ACPI_POWER_BTN: 1, GUEST_AGENT: 2 } as const;

/** Without any of the list bits: all domains. */
export const ListDomains = {
  ACTIVE: 1,
  INACTIVE: 2,
  PERSISTENT: 4,
  TRANSIENT: 8,
  MANAGED_SAVE: 256,
} as const;

export const ListPools = { INACTIVE: 1, ACTIVE: 2 } as const;

/** Kinds of node devices to list; without any, all. */
export const ListNodeDevices = { PCI: 2, NET: 16 } as const;

/** Groups of connectGetAllDomainStats; 0 asks for all. */
export const Stats = {
  STATE: 1,
  CPU_TOTAL: 2,
  BALLOON: 4,
  VCPU: 8,
  INTERFACE: 16,
  BLOCK: 32,
} as const;

/** NOWAIT leaves out what a busy domain cannot tell at once, since libvirt 4.5. */
export const AllDomainStats = { ...ListDomains, NOWAIT: 2 ** 29, BACKING: 2 ** 30 } as const;

/** With BYTES the size is in bytes, else in KiB. */
export const BlockResize = { BYTES: 1 } as const;

/** QUIESCE freezes the guest's file systems by the agent. */
export const SnapshotCreate = {
  REDEFINE: 1,
  CURRENT: 2,
  DISK_ONLY: 16,
  QUIESCE: 64,
  ATOMIC: 128,
  LIVE: 256,
} as const;
export const SnapshotRevert = { RUNNING: 1, PAUSED: 2, FORCE: 4 } as const;
export const SnapshotDelete = { CHILDREN: 1, METADATA_ONLY: 2, CHILDREN_ONLY: 4 } as const;

export const BaselineCpu = { EXPAND_FEATURES: 1, MIGRATABLE: 2 } as const;

export const VolCreate = { PREALLOC_METADATA: 1, REFLINK: 2 } as const;

/** ALLOCATE writes the new space out; SHRINK allows to lose data; DELTA takes the capacity as the growth. */
export const VolResize = { ALLOCATE: 1, DELTA: 2, SHRINK: 4 } as const;
