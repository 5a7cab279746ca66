import { Firmware, type VMSpec } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { decodeEfiDisk, encodeEfiDisk } from "./language/efidisk.ts";
import { newVolume } from "./language/volume.ts";
import type { Problems } from "./problems.ts";
import { imageFormat } from "./provisioning.ts";
import { atLeast } from "./versions.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** Proxmox VE knows the real size of what is not a disk; it wants some number. */
export const anySizeBytes = 2 ** 30;
/** The first version that says which variables an EFI disk starts with. */
const efiTypesSince = "7.1";

/**
 * The firmware, and with UEFI the disk for its variables. Secure boot is on exactly when keys are enrolled there. Takes the effective spec.
 * @param existing the template's options; none for a blank VM.
 */
export function firmware(
  spec: VMSpec,
  node: Pick<Node, "version" | "storages">,
  storage: string | undefined,
  existing: VmConfig,
  problems: Problems,
): Parameters {
  if (spec.firmware === Firmware.BIOS) return { bios: "seabios" };
  if (spec.firmware !== Firmware.UEFI) return {};
  const found = optionOf(existing, "efidisk0");
  if (found !== undefined) {
    checkKeys(spec, found, problems);
    return { bios: "ovmf" };
  }
  if (storage === undefined) return { bios: "ovmf" };
  const variables = atLeast(node.version, efiTypesSince)
    ? { type: "4m" as const, preEnrolledKeys: spec.secureBoot === true }
    : {};
  const efidisk0 = problems.written("spec.firmware", () =>
    encodeEfiDisk({
      volume: newVolume(storage, anySizeBytes),
      ...variables,
      format: formatOn(node, storage),
    }),
  );
  return { bios: "ovmf", ...(efidisk0 === undefined ? {} : { efidisk0 }) };
}

/** The format to ask for on one of the node's storages: without qcow2 for everything on it a VM has no snapshots. */
export function formatOn({ storages }: Pick<Node, "storages">, storage: string): "qcow2" | undefined {
  const found = storages.find(({ name }) => name === storage);
  return found && imageFormat(found);
}

/** Keys are enrolled when the disk is made and never after. */
function checkKeys({ secureBoot }: VMSpec, efidisk: string, problems: Problems): void {
  if (!secureBoot || decodeEfiDisk(efidisk).preEnrolledKeys) return;
  problems.add(
    "spec.secure_boot",
    "SECURE_BOOT_UNSUPPORTED",
    "the image's template has an EFI disk without enrolled keys; make it anew there: qm set TEMPLATE --delete efidisk0, then --efidisk0 STORAGE:1,efitype=4m,pre-enrolled-keys=1; or leave secureBoot out",
  );
}
