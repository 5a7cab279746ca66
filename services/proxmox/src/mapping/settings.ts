/** The operator's part of the configuration that decides how VMs are made; see Provider.spec. */
export interface Settings {
  /** Node of VMs whose placement names none; unset: any node that can give what is asked. */
  node?: string;
  /** Storage of disks without storage class and placement. Unset: the only one for disks that a node has, else one must be named. */
  storage?: string;
  /** Storage for downloaded images and for cloud-init seeds. Unset: the first that takes the content. */
  imageStorage?: string;
  /** Bridge or vnet of interfaces that name none. */
  bridge?: string;
  /** Resource pool of VMs whose placement names none. */
  pool?: string;
  /** Storage class → storage by name; a class that is not listed is a storage's own name. */
  storageClasses: Readonly<Record<string, { storage: string }>>;
  /** "tcg" runs VMs by emulation; the operator's explicit choice for nodes without hardware virtualization. */
  accel: "kvm" | "tcg";
  /**
   * CPU model of every VM: "host", a model of Proxmox VE's such as "EPYC-Milan", or "custom-NAME". Unset: the node's own vendor's best
   * model for VMs that host VMs, Proxmox VE's portable one for the others.
   */
  cpuModel?: string;
  /** VMIDs that new VMs may get, both included. */
  vmids: { first: number; last: number };
}
