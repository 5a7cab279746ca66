import { CloneMode, type CloneVMRequest, type VMSpec } from "@virtrigaud/proto";
import { type CloudInitPlan, cloudInit } from "./cloud-init.ts";
import { foundDisks } from "./found-disks.ts";
import { identity } from "./identity.ts";
import type { Node } from "./inventory.ts";
import { decodeDrive } from "./language/drive.ts";
import { decodeNet, encodeNet } from "./language/net.ts";
import { storageOf } from "./language/volume.ts";
import { macFor } from "./mac-address.ts";
import type { Marker } from "./ownership.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { numbered, optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** What a copy of a VM shall be, in the contract's words: the source's spec with a name, place, addresses and first boot of its own. */
export const copySpec = (source: VMSpec, { name, placement, cloudInit: boot }: CloneVMRequest): VMSpec => ({
  ...source,
  name,
  placement: placement ?? source.placement,
  cloudInit: boot,
  // Two machines with one address would both be lost to the network.
  networkInterfaces: source.networkInterfaces.map((nic) => ({
    ...nic,
    macAddress: "",
    staticAddress: undefined,
  })),
});

/** POST clone, without `newid` and `name`. A linked copy is where its source is. */
export function copyParameters(
  { mode, snapshotId, placement }: CloneVMRequest,
  node: string,
  description: string,
): Parameters {
  const isFull = mode !== CloneMode.LINKED;
  const { host = "", datastore = "", resourcePool = "" } = placement ?? {};
  return {
    full: isFull ? 1 : 0,
    description,
    ...(snapshotId === "" ? {} : { snapname: snapshotId }),
    ...(host === "" || host === node ? {} : { target: host }),
    ...(isFull && datastore !== "" ? { storage: datastore } : {}),
    ...(resourcePool === "" ? {} : { pool: resourcePool }),
  };
}

export interface CopyScope {
  /** The copy's own spec, with its cloud_init. */
  spec: VMSpec;
  marker: Marker;
  /** The copy's options as Proxmox VE made them. */
  existing: VmConfig;
  node: Node;
  settings: Settings;
}

/** What is due once a copy is made: identity and addresses of its own, and its own first boot instead of its source's. */
export function configureCopy(
  { spec, marker, existing, node, settings }: CopyScope,
  problems: Problems,
): { parameters: Parameters; seed: CloudInitPlan["seed"] } {
  const { uid } = marker;
  const home = node.storages.find(({ name }) => name === rootStorage(existing));
  const boot = cloudInit(spec, { uid, node, settings, home, existing }, problems);
  const inherited = seedSlots(existing).filter((slot) => !Object.hasOwn(boot.options, slot));
  const gone = [...inherited, ...boot.removed].filter((slot) => Object.hasOwn(existing, slot));
  const parameters = {
    ...identity(spec, marker, existing, problems),
    ...ownAddresses(spec, uid, existing),
    ...boot.options,
    ...(gone.length === 0 ? {} : { delete: gone.join(",") }),
  };
  return { parameters, seed: boot.seed };
}

function rootStorage(existing: VmConfig): string | undefined {
  const [root] = foundDisks(existing);
  return root?.drive.volume === undefined ? undefined : storageOf(root.drive.volume);
}

/** CDs with a seed of ours, which is another VM's. */
const seedSlots = (existing: VmConfig): string[] =>
  numbered(existing, "ide")
    .filter(([, value]) => /[:/]vrtg-[0-9a-f-]{36}-seed\.iso$/.test(decodeDrive(value).volume ?? ""))
    .map(([slot]) => slot);

/** The addresses by which the copy's cards are known as those that its spec asks for. */
const ownAddresses = ({ networkInterfaces }: VMSpec, uid: string, existing: VmConfig): Parameters =>
  Object.fromEntries(
    networkInterfaces.flatMap(({ name, sriovDevice }, index): [string, string][] => {
      const card = Object.hasOwn(existing, name) ? name : `net${index}`;
      const held = optionOf(existing, card);
      if (sriovDevice !== "" || held === undefined) return [];
      return [[card, encodeNet({ ...decodeNet(held), mac: macFor(uid, name) })]];
    }),
  );
