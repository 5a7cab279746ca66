import { cloudInitVolume, foundDisks } from "./found-disks.ts";
import { decodeDrive } from "./language/drive.ts";
import { decodeSmbios, encodeSmbios } from "./language/smbios.ts";
import { releaseOptions } from "./release.ts";
import { numbered, optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** What a VM is called that is left for its disks' sake. */
export const retainedName = (vmid: number): string => `retained-disks-${vmid}`;

/**
 * The change that makes of a deleted VM a nobody's that holds its disks: a volume of Proxmox VE's belongs to a VMID, and one without a VM would go
 * with the next VM of that number.
 */
export function retainOptions(config: VmConfig, vmid: number): Parameters {
  const { uuid: _, ...smbios } = decodeSmbios(optionOf(config, "smbios1") ?? "");
  const smbios1 = encodeSmbios(smbios);
  const seed = cloudInitVolume(config);
  const cds = numbered(config, "ide").filter(([, value]) => decodeDrive(value).volume === seed);
  const { delete: released, ...marker } = releaseOptions(config);
  const gone = [
    ...(released === undefined ? [] : [String(released)]),
    ...(seed === undefined ? [] : cds.map(([slot]) => slot)),
    ...(smbios1 === "" ? ["smbios1"] : []),
    ...numbered(config, "net").map(([card]) => card),
  ];
  return {
    ...marker,
    name: retainedName(vmid),
    onboot: 0,
    ...(smbios1 === "" ? {} : { smbios1 }),
    ...(gone.length === 0 ? {} : { delete: gone.join(",") }),
  };
}

/** The volumes that stay, for the log. */
export const retainedVolumes = (config: VmConfig): string[] =>
  foundDisks(config).flatMap(({ drive }) => drive.volume ?? []);
