import type { Kind } from "./kinds.ts";

/** A field that the API accepts and that no provider can honour today. */
export interface UnsupportedField {
  /** Dotted path; "[]" after a list. */
  readonly path: string;
  /** Why it is refused and what to do instead. */
  readonly message: string;
  /** Whether the value asks for something; absent: any value does. `parent` is the mapping that holds the field. */
  readonly asks?: (value: unknown, parent: Readonly<Record<string, unknown>>) => boolean;
}

const isTrue = (value: unknown) => value === true;
const oneOf =
  (...refused: readonly string[]) =>
  (value: unknown) =>
    refused.some((word) => word === value);
const other = (harmless: string) => (value: unknown) => value !== harmless;
const onlySource = (_: unknown, source: Readonly<Record<string, unknown>>) =>
  ["vsphere", "libvirt", "proxmox", "http"].every((handled) => source[handled] === undefined);

const byStorageClass =
  "a disk's medium is chosen by its storageClass; type takes thin, thick or eagerzeroedthick";
const atTheSwitch = "this is a property of the hypervisor's network: set it there and name that network";
const firewall = "traffic is not filtered by this field: set rules at the hypervisor's network";
const shaping =
  "traffic limits and marks are not set by any provider yet: set them at the hypervisor's network";
const ownImage = "images are imported unchanged: prepare the file before";

/** Every such field. One entry less here is one field that has to be translated and honoured. */
export const unsupported: { readonly [K in Kind]?: readonly UnsupportedField[] } = {
  VMClass: [
    // "install" is what upstream's API server wrote into every class that said nothing: it cannot count as asked for.
    {
      path: "spec.guestToolsPolicy",
      message: "guest tools come with the image or through cloud-init; use install or skip",
      asks: oneOf("upgrade", "uninstall"),
    },
    { path: "spec.diskDefaults.type", message: byStorageClass, asks: oneOf("ssd", "hdd", "nvme") },
    {
      path: "spec.securityProfile.encryptionPolicy.enabled",
      message: "encryption of VMs is not set by any provider yet: use encrypted storage",
      asks: isTrue,
    },
    {
      path: "spec.securityProfile.encryptionPolicy.requireEncryption",
      message: "encryption of VMs is not set by any provider yet: use encrypted storage",
      asks: isTrue,
    },
  ],
  VirtualMachine: [
    {
      path: "spec.importedDisk",
      message: "booting from an existing disk is not supported yet: use imageRef",
    },
    {
      path: "spec.userData.ignition",
      message: "Ignition is not delivered by any provider yet: use cloudInit",
    },
    { path: "spec.placementRef", message: "placement policies are not handled yet: use placement" },
    {
      path: "spec.placement.storagePod",
      message: "datastore clusters are not handled yet: use datastore or a storage class",
      asks: (_, placement) => placement.datastore === undefined,
    },
    { path: "spec.resources.gpu", message: "GPUs are not assigned by any provider yet" },
    { path: "spec.snapshot.revertToRef", message: "VMSnapshot is not handled by this version" },
    { path: "spec.lifecycle.preStop", message: "hooks are not run by this version" },
    { path: "spec.lifecycle.postStart", message: "hooks are not run by this version" },
    { path: "spec.disks[].type", message: byStorageClass, asks: oneOf("ssd", "hdd") },
    { path: "spec.disks[].scsi.controller", message: "the provider assigns disks to SCSI buses" },
    {
      path: "spec.disks[].scsi.sharedBus",
      message: "disks are not shared between VMs",
      asks: other("noSharing"),
    },
  ],
  VMImage: [
    {
      path: "spec.source.registry",
      message: "registry images are not handled yet: add vsphere, libvirt, proxmox or http",
      asks: onlySource,
    },
    {
      path: "spec.source.dataVolume",
      message: "DataVolumes are not handled yet: add vsphere, libvirt, proxmox or http",
      asks: onlySource,
    },
    {
      path: "spec.source.vsphere.contentLibrary.version",
      message: "a content library hands out the item's current version",
    },
    {
      path: "spec.source.vsphere.providerRef",
      message: "an image is imported by the provider of the VM that uses it",
    },
    {
      path: "spec.source.http.headers",
      message: "downloads send no extra headers yet: use a URL that needs none",
    },
    {
      path: "spec.source.http.authentication",
      message: "downloads are anonymous yet: use a URL that needs no login",
    },
    {
      path: "spec.source.proxmox.format",
      message: "a clone has the format of its storage",
      asks: other("qcow2"),
    },
    {
      path: "spec.prepare.force",
      message: "an image is imported once: give the new one another name",
      asks: isTrue,
    },
    { path: "spec.prepare.storage.vsphere", message: "an image goes where the VM's storageClass says" },
    { path: "spec.prepare.storage.libvirt", message: "an image goes where the VM's storageClass says" },
    { path: "spec.prepare.storage.preferredFormat", message: ownImage },
    { path: "spec.prepare.storage.compression", message: ownImage, asks: isTrue },
    { path: "spec.prepare.optimization.enableCompression", message: ownImage, asks: isTrue },
    { path: "spec.prepare.optimization.removeUnusedSpace", message: ownImage, asks: isTrue },
    { path: "spec.prepare.optimization.convertFormat", message: ownImage },
    { path: "spec.prepare.optimization.enableDeltaSync", message: ownImage, asks: isTrue },
  ],
  VMNetworkAttachment: [
    {
      path: "spec.network.vsphere.distributedSwitch.uuid",
      message: "a distributed switch is found by its name",
    },
    { path: "spec.network.vsphere.vlan.type", message: atTheSwitch, asks: oneOf("pvlan", "trunk") },
    { path: "spec.network.vsphere.security", message: atTheSwitch },
    { path: "spec.network.vsphere.trafficShaping.enabled", message: shaping, asks: isTrue },
    { path: "spec.network.vsphere.pciSlotNumber", message: "vSphere assigns PCI slots" },
    { path: "spec.network.libvirt.bridge.stp", message: "the host's bridge is used as it is", asks: isTrue },
    { path: "spec.network.libvirt.bridge.delay", message: "the host's bridge is used as it is" },
    { path: "spec.network.libvirt.driver", message: "the driver of an interface is libvirt's choice" },
    { path: "spec.network.libvirt.filterRef", message: firewall },
    { path: "spec.network.proxmox.rateLimit", message: shaping },
    {
      path: "spec.ipAllocation.type",
      message: "addresses come by DHCP or from the VM's networks[].ipAddress",
      asks: other("DHCP"),
    },
    {
      path: "spec.ipAllocation.staticConfig",
      message: "an address belongs to one VM: use its networks[].ipAddress",
    },
    { path: "spec.ipAllocation.poolConfig", message: "address pools are not handled: use DHCP" },
    { path: "spec.ipAllocation.dhcpConfig", message: "DHCP options are set at the DHCP server" },
    { path: "spec.ipAllocation.dnsConfig", message: "name servers belong to the VM: use its networks[].dns" },
    { path: "spec.security.firewall.enabled", message: firewall, asks: isTrue },
    { path: "spec.security.isolation.mode", message: firewall, asks: other("none") },
    {
      path: "spec.security.encryption.enabled",
      message: "traffic is not encrypted by any provider",
      asks: isTrue,
    },
    { path: "spec.qos", message: shaping },
  ],
  Provider: [
    {
      path: "spec.type",
      message: "there is no such provider yet: use vsphere, libvirt (QEMU/KVM) or proxmox",
      asks: oneOf("firecracker", "qemu"),
    },
    { path: "spec.connectionPooling", message: "a provider keeps the connections that its hypervisor needs" },
  ],
};
