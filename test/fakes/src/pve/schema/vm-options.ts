import type { Major } from "../release.ts";
import { atMajor, byMajor, indexed, type VersionedTable } from "./by-major.ts";
import { buses, driveFormat } from "./drives.ts";
import { netFormat } from "./net.ts";
import { agentKeys, machineKeys, machineWord, numaKeys, vgaKeys, virtiofsKeys } from "./property-formats.ts";
import {
  alias,
  choice,
  decimal,
  defaultKey,
  flag,
  formatted,
  integer,
  matching,
  properties,
  required,
  type PropertyFormat,
  type Schema,
  text,
} from "./schema.ts";

/** Every option of a VM's configuration. `withAllocation` adds the keys that create or import volumes. */
export function vmOptions(major: Major, withAllocation: boolean): Readonly<Record<string, Schema>> {
  return {
    ...atMajor(plain, major),
    ...drives(major, withAllocation),
    ...indexed("net", 32, properties(netFormat(major))),
    ...indexed("ipconfig", 32, formatted("pve-qm-ipconfig")),
    ...indexed("numa", 8, properties(atMajor(numaKeys, major))),
    ...indexed("serial", 4, matching(major >= 9 ? "(/dev/[^,]+|socket)" : "(/dev/.+|socket)")),
    ...indexed("parallel", 3, matching("/dev/parport\\d+|/dev/usb/lp\\d+")),
    ...indexed("usb", major >= 7 ? 14 : 5, formatted("pve-qm-usb")),
    ...indexed("hostpci", 16, formatted("pve-qm-hostpci")),
    ...(major >= 8 ? indexed("virtiofs", 10, properties(atMajor(virtiofsKeys, major))) : {}),
    agent: properties(atMajor(agentKeys, major)),
    machine: major >= 8 ? properties(atMajor(machineKeys, major)) : machineWord,
    vga: properties(atMajor(vgaKeys, major)),
  };
}

const unusedKeys: PropertyFormat = {
  file: defaultKey(required(formatted("pve-volume-id"))),
  volume: alias("file"),
};

function drives(major: Major, withAllocation: boolean): Readonly<Record<string, Schema>> {
  const named: Record<string, Schema> = {};
  for (const bus of Object.keys(buses) as (keyof typeof buses)[])
    Object.assign(named, indexed(bus, buses[bus], properties(driveFormat(bus, major, withAllocation))));
  named["efidisk0"] = properties(driveFormat("efidisk", major, withAllocation));
  if (major >= 7) named["tpmstate0"] = properties(driveFormat("tpmstate", major, withAllocation));
  return { ...named, ...indexed("unused", 256, properties(unusedKeys)) };
}

const KEYBOARDS =
  "de de-ch da en-gb en-us es fi fr fr-be fr-ca fr-ch hu is it ja lt mk nl no pl pt pt-br sv sl tr";
const LOCKS = "backup clone create migrate rollback snapshot snapshot-delete suspending suspended";
const OSTYPES6 = "other wxp w2k w2k3 w2k8 wvista win7 win8 win10 l24 l26 solaris";
const OSTYPES7 = "other wxp w2k w2k3 w2k8 wvista win7 win8 win10 win11 l24 l26 solaris";
const words = (list: string) => choice(...list.split(" "));

const plain: VersionedTable<Schema> = {
  acpi: flag(),
  affinity: byMajor({ 7: formatted("pve-cpuset") }),
  "allow-ksm": byMajor({ 9: flag() }),
  "amd-sev": byMajor({ 8: formatted("pve-qemu-sev-fmt") }),
  arch: choice("x86_64", "aarch64"),
  args: text(),
  audio0: properties({
    device: required(choice("ich9-intel-hda", "intel-hda", "AC97")),
    driver: choice("spice", "none"),
  }),
  autostart: flag(),
  balloon: integer(0),
  bios: choice("seabios", "ovmf"),
  boot: formatted("pve-qm-boot"),
  bootdisk: formatted("pve-qm-bootdisk", { pattern: "(ide|sata|scsi|virtio)\\d+" }),
  cdrom: formatted("pve-qm-ide"),
  cicustom: formatted("pve-qm-cicustom"),
  cipassword: text(),
  citype: choice("configdrive2", "nocloud", "opennebula"),
  ciupgrade: byMajor({ 8: flag() }),
  ciuser: text(),
  cores: integer(1),
  cpu: formatted("pve-vm-cpu-conf"),
  cpulimit: decimal(0, 128),
  cpuunits: byMajor({ 6: integer(2, 262144), 7: integer(1, 262144) }),
  description: byMajor({ 6: text(), 7: text({ maxLength: 8192 }) }),
  freeze: flag(),
  hookscript: formatted("pve-volume-id"),
  hotplug: formatted("pve-hotplug-features"),
  hugepages: choice("any", "2", "1024"),
  "intel-tdx": byMajor({ 9: formatted("pve-qemu-tdx-fmt") }),
  ivshmem: properties({ name: matching("[a-zA-Z0-9\\-]+"), size: required(integer(1)) }),
  keephugepages: flag(),
  keyboard: words(KEYBOARDS),
  kvm: flag(),
  localtime: flag(),
  lock: words(LOCKS),
  memory: byMajor({ 6: integer(16), 8: properties({ current: defaultKey(required(integer(16))) }) }),
  migrate_downtime: decimal(0),
  migrate_speed: integer(0),
  name: formatted("dns-name"),
  nameserver: formatted("address-list"),
  numa: flag(),
  onboot: flag(),
  ostype: byMajor({ 6: words(OSTYPES6), 7: words(OSTYPES7) }),
  protection: flag(),
  reboot: flag(),
  rng0: formatted("pve-qm-rng"),
  scsihw: words("lsi lsi53c810 virtio-scsi-pci virtio-scsi-single megasas pvscsi"),
  searchdomain: text(),
  shares: integer(0, 50000),
  smbios1: formatted("pve-qm-smbios1", { maxLength: 512 }),
  smp: integer(1),
  sockets: integer(1),
  spice_enhancements: properties({
    foldersharing: flag(),
    videostreaming: choice("off", "all", "filter"),
  }),
  sshkeys: formatted("urlencoded"),
  startdate: matching("(now|\\d{4}-\\d{1,2}-\\d{1,2}(T\\d{1,2}:\\d{1,2}:\\d{1,2})?)"),
  startup: formatted("pve-startup-order"),
  tablet: flag(),
  tags: formatted("pve-tag-list"),
  tdf: flag(),
  template: flag(),
  vcpus: integer(1),
  vmgenid: matching("(?:[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}|[01])"),
  vmstatestorage: formatted("pve-storage-id"),
  watchdog: formatted("pve-qm-watchdog"),
};
