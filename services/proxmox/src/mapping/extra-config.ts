import type { VMSpec } from "@virtrigaud/proto";
import type { Problems } from "./problems.ts";
import type { Parameters } from "./vm-config.ts";

/** Reason of a key that is not the request's to set: the spec is wrong on its own. */
export const reservedKey = "RESERVED_KEY";

/** Options of Proxmox VE's own cloud-init drive that may be set; a password has no place in a spec. */
export const cloudInitKeys = /^(?:ciuser|sshkeys|citype|cicustom|ciupgrade|searchdomain)$/;
const freeKeys =
  /^(?:acpi|allow-ksm|audio0|autostart|keyboard|localtime|migrate_downtime|migrate_speed|onboot|ostype|protection|reboot|rng0|serial[0-3]|spice_enhancements|startdate|startup|tablet|tdf|vga|vmstatestorage|watchdog)$/;
/** Source: check_vm_modify_config_perm in qemu-server's PVE/API2/Qemu.pm; a token of root's is not root. */
const rootKeys =
  /^(?:affinity|amd-sev|arch|args|hookscript|hugepages|intel-tdx|ivshmem|keephugepages|lock|parallel\d+|skiplock|vmgenid)$/;
/** Options that a knob of the spec stands for. */
const knobKeys =
  /^(?:agent|archive|balloon|bios|boot|bootdisk|cdrom|cipassword|cores|cpu|cpulimit|cpuunits|description|digest|efidisk0|force|freeze|hotplug|ipconfig\d+|kvm|machine|memory|meta|name|nameserver|numa\d*|pool|scsihw|shares|smbios1|smp|sockets|start|storage|tags|template|tpmstate0|unique|vcpus|vmid|(?:hostpci|ide|net|sata|scsi|unused|usb|virtio|virtiofs)\d+)$/;

/** Native options of a spec, and why those are refused that an API token cannot set or that a knob stands for. */
export function extraConfig(spec: VMSpec, problems: Problems): Parameters {
  for (const [key, value] of Object.entries(spec.extraConfig)) {
    const [reason, text] = refusal(key, value, spec) ?? [];
    if (reason !== undefined && text !== undefined) problems.add("spec.extra_config", reason, text);
  }
  return { ...spec.extraConfig };
}

type Refusal = [reason: string, text: string];

function refusal(key: string, value: string, spec: VMSpec): Refusal | undefined {
  const rootOnly = (text: string): Refusal => ["EXTRA_CONFIG_ROOT_ONLY", text];
  const unsupported = (text: string): Refusal => ["EXTRA_CONFIG_UNSUPPORTED", text];
  if (knobKeys.test(key))
    return [reservedKey, `${key} is written by the provider itself; use the spec's own field instead`];
  if (rootKeys.test(key))
    return rootOnly(
      `Proxmox VE lets only root set ${key}, and no API token; leave it out, or have root set it on the template`,
    );
  if (!freeKeys.test(key) && !cloudInitKeys.test(key))
    return unsupported(`Proxmox VE has no option ${key}; leave it out`);
  if (value === "") return unsupported(`${key} is empty; leave it out`);
  if (/^serial/.test(key) && value !== "socket")
    return rootOnly(`${key} can only be socket: Proxmox VE lets only root pass a device of the node's`);
  if (key === "sshkeys" && !/^[-%\w.!~*'()]+$/.test(value))
    return unsupported("sshkeys must be percent-encoded, one key a line, which is how Proxmox VE keeps them");
  if (key === "ostype" && spec.virtualizationBasedSecurity)
    return ["CONFLICTING_OPTIONS", "virtualizationBasedSecurity sets ostype; leave one of the two out"];
  return undefined;
}
