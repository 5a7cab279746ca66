import { rootSlotOf } from "./disk-slots.ts";
import { decodeDrive } from "./language/drive.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

/** Virtual size of a template's root disk; 0 when it is not known. */
export const findRootBytes = (config: VmConfig): number =>
  decodeDrive(optionOf(config, rootSlotOf(config) ?? "") ?? "").sizeBytes ?? 0;
