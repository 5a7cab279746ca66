/** The operator's part of the configuration that decides how VMs are made; see Provider.spec. */
export interface Settings {
  /** Pool of disks without storage class and placement. */
  defaultPool?: string;
  /** libvirt network of interfaces that name none. */
  defaultNetwork?: string;
  /** Storage class → pool by name; a class that is not listed is a pool's own name. */
  storageClasses: Readonly<Record<string, { pool: string }>>;
  /** "host-passthrough" gives guests the host's CPU as it is, at the price of migration between unlike hosts. */
  cpuMode: "host-model" | "host-passthrough";
}
