/** The field of a request that an option of Proxmox VE's comes from, by the option's name. */
const fields: readonly (readonly [RegExp, string])[] = [
  [/^name$/, "spec.name"],
  [/^(?:cores|sockets|smp)$/, "spec.cpus"],
  [/^(?:vcpus|hotplug)$/, "spec.cpu_hot_add"],
  [/^memory$/, "spec.memory_bytes"],
  [/^numa$/, "spec.memory_hot_add"],
  [/^balloon$/, "spec.memory_allocation.reservation_bytes"],
  [/^cpu$/, "spec.nested_virtualization"],
  [/^cpuunits$/, "spec.cpu_allocation.shares"],
  [/^cpulimit$/, "spec.cpu_allocation.limit_mhz"],
  [/^bios$/, "spec.firmware"],
  [/^efidisk0$/, "spec.secure_boot"],
  [/^tpmstate0$/, "spec.tpm"],
  [/^machine$/, "spec.iommu"],
  [/^(?:net|ipconfig|hostpci)\d+$/, "spec.network_interfaces"],
  [/^nameserver$/, "spec.network_interfaces"],
  [/^(?:scsi|virtio|sata)\d+$|^scsihw$/, "spec.disks"],
  [/^ide\d+$/, "spec.cloud_init"],
  [/^tags$/, "spec.tags"],
  [/^(?:pool|storage|target)$/, "spec.placement"],
  [/^(?:full|format)$/, "spec.image"],
];

/** undefined for what no field of a request decides. */
export const fieldOfOption = (option: string): string | undefined =>
  fields.find(([pattern]) => pattern.test(option))?.[1];
