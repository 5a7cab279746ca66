import type { VMSpec } from "@virtrigaud/proto";
import { cloudInitKeys } from "./extra-config.ts";
import { encodeDrive } from "./language/drive.ts";
import { cdSlot, ownDrive, type OwnDriveScope, ownDriveSlots } from "./own-drive.ts";
import { listNames, type Problems } from "./problems.ts";
import { type SeedFiles, seedFiles } from "./seed-files.ts";
import type { Settings } from "./settings.ts";
import { usableStorages } from "./storage.ts";
import type { Parameters } from "./vm-config.ts";

/** A seed to upload as an ISO image before the VM is made, and to delete with it. */
export interface Seed {
  storage: string;
  /** For the upload's `filename`. */
  filename: string;
  /** What the VM's CD names. */
  volume: string;
  files: SeedFiles;
}

export interface CloudInitPlan {
  options: Parameters;
  seed: Seed | undefined;
  /** Options of the template that would be a second seed beside this one. */
  removed: string[];
}

export interface CloudInitScope extends OwnDriveScope {
  uid: string;
  settings: Settings;
}

const nothing: CloudInitPlan = { options: {}, seed: undefined, removed: [] };

/**
 * How the guest gets its first configuration. User-data goes in a NoCloud seed of the provider's own: Proxmox VE's cloud-init drive holds its
 * own user-data, and files for it (`cicustom`) cannot be uploaded. Static addresses alone, and what extra_config sets, need no more than
 * that drive.
 */
export function cloudInit(spec: VMSpec, scope: CloudInitScope, problems: Problems): CloudInitPlan {
  const native = Object.keys(spec.extraConfig).filter((key) => cloudInitKeys.test(key));
  const { userData = "", metaData = {} } = spec.cloudInit ?? {};
  const needsSeed = userData !== "" || Object.keys(metaData).length > 0;
  if (needsSeed && native.length > 0)
    problems.add(
      "spec.extra_config",
      "CONFLICTING_OPTIONS",
      `${native.join(", ")} configure Proxmox VE's own cloud-init drive, which userData replaces; put them into userData`,
    );
  if (needsSeed) return seeded(spec, scope, problems);
  const isStatic = spec.networkInterfaces.some(({ staticAddress }) => staticAddress !== undefined);
  const isAsked = isStatic || native.length > 0 || spec.cloudInit !== undefined;
  return isAsked ? { ...nothing, options: ownDrive(spec, scope, problems) } : nothing;
}

function seeded(spec: VMSpec, scope: CloudInitScope, problems: Problems): CloudInitPlan {
  const { uid, node, settings, existing } = scope;
  const files = seedFiles(uid, spec, problems);
  const removed = ownDriveSlots(existing).filter((slot) => slot !== cdSlot);
  const usable = usableStorages(node, "iso");
  const wanted = usable.filter(({ name }) => name === settings.imageStorage);
  // A shared storage does not tie the VM to the node.
  const [storage] = [...wanted, ...usable.filter(({ shared }) => shared), ...usable];
  if (storage === undefined) {
    problems.add(
      "spec.cloud_init",
      "CLOUD_INIT_STORAGE_MISSING",
      `userData travels as an ISO image, and node ${node.name} has no active storage for those (there are: ${listNames(node.storages.map(({ name }) => name))}); let one take them: pvesm set STORAGE --content iso,…`,
    );
    return nothing;
  }
  const filename = seedFilename(uid);
  const volume = `${storage.name}:iso/${filename}`;
  const options = { [cdSlot]: encodeDrive({ volume, media: "cdrom" }) };
  return { options, seed: { storage: storage.name, filename, volume, files }, removed };
}

/** File of a VM's cloud-init seed. */
export const seedFilename = (uid: string): string => `vrtg-${uid}-seed.iso`;
