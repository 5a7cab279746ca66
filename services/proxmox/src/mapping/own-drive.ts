import type { NetworkInterface, VMSpec } from "@virtrigaud/proto";
import type { Node, Storage } from "./inventory.ts";
import { decodeDrive, encodeDrive } from "./language/drive.ts";
import { encodeIpConfig } from "./language/ipconfig.ts";
import type { Problems } from "./problems.ts";
import { atLeast } from "./versions.ts";
import { numbered, type Parameters, type VmConfig } from "./vm-config.ts";

/** Where CDs go that the provider puts in. */
export const cdSlot = "ide2";

export interface OwnDriveScope {
  node: Node;
  /** Storage for a new drive. */
  home: Storage | undefined;
  /** The template's options; none for a blank VM. */
  existing: VmConfig;
}

/** Proxmox VE's own cloud-init drive, the template's where it has one, and what it is told. */
export function ownDrive(
  spec: VMSpec,
  { node, home, existing }: OwnDriveScope,
  problems: Problems,
): Parameters {
  const [present] = ownDriveSlots(existing);
  if (present === undefined && home === undefined && spec.disks.length === 0)
    problems.add(
      "spec.placement.datastore",
      "PLACEMENT_UNKNOWN",
      "a cloud-init drive needs a storage for disk images; name it in placement.datastore",
    );
  const volume = home && { [cdSlot]: encodeDrive({ volume: `${home.name}:cloudinit`, media: "cdrom" }) };
  const servers = spec.networkInterfaces.flatMap(({ staticAddress }) => staticAddress?.dnsServers ?? []);
  return {
    ...(present === undefined ? volume : {}),
    // Nobody asked for the upgrade of all packages at first boot that Proxmox VE has as its default.
    ...(atLeast(node.version, "8.0") ? { ciupgrade: 0 } : {}),
    ...ipConfigs(spec.networkInterfaces, problems),
    ...(servers.length === 0 ? {} : { nameserver: [...new Set(servers)].join(" ") }),
  };
}

/** Slots of Proxmox VE's own drives. */
export const ownDriveSlots = (existing: VmConfig): string[] =>
  ["ide", "sata", "scsi"]
    .flatMap((bus) => numbered(existing, bus))
    .filter(([, value]) => /[:/]vm-\d+-cloudinit|:cloudinit$/.test(decodeDrive(value).volume ?? ""))
    .map(([slot]) => slot);

function ipConfigs(nics: readonly NetworkInterface[], problems: Problems): Parameters {
  const entries = nics.flatMap((nic, index): [string, string][] => {
    if (nic.sriovDevice !== "") return [];
    const field = `spec.network_interfaces[${nic.name}].static_address`;
    const option = problems.written(field, () => encodeIpConfig(addressOf(nic)));
    return option === undefined ? [] : [[`ipconfig${index}`, option]];
  });
  return Object.fromEntries(entries);
}

function addressOf({ staticAddress }: NetworkInterface) {
  if (staticAddress === undefined) return { ip: "dhcp" };
  const { cidr } = staticAddress;
  const gateway = staticAddress.gateway || undefined;
  return cidr.includes(":") ? { ip6: cidr, gateway6: gateway } : { ip: cidr, gateway };
}
