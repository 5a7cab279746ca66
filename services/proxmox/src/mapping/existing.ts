import { conflicts, refusals } from "@virtrigaud/kit/outcomes";
import type { Violation, VMSpec } from "@virtrigaud/proto";
import { admit } from "./admission.ts";
import type { DeviceInput } from "./device-change.ts";
import { diskChanges } from "./disk-drift.ts";
import { rootSlotOf } from "./disk-slots.ts";
import { type Change, knobChanges } from "./drift.ts";
import type { FoundConfig } from "./found-config.ts";
import type { FoundVm } from "./found-vm.ts";
import { interfaceChanges } from "./interface-drift.ts";
import type { Inventory, Node } from "./inventory.ts";
import { checkKept } from "./kept.ts";
import { readTags } from "./knobs.ts";
import { decodeDrive } from "./language/drive.ts";
import { storageOf } from "./language/volume.ts";
import { type Marker, readMarker, requestedSpec } from "./ownership.ts";
import { effectiveSpec } from "./plan.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { ownership } from "./tags.ts";
import { checkPveVersion } from "./versions.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";
import { wantedOptions } from "./wanted-options.ts";

/** What a VM that exists shall be from now on. */
export interface ExistingInput {
  marker: Marker;
  spec: VMSpec;
  inventory: Inventory;
  settings: Settings;
}

/** How a VM that exists comes to be what a spec asks for. */
export interface ExistingPlan {
  /** Empty: it is so already. */
  changes: Change[];
  /** PUT config: all changes in one, the new marker, and the digest of what they were worked out from. */
  parameters: Parameters;
  /** PUT resize, each. */
  resizes: { disk: string; size: string }[];
  /** Why it cannot be done. */
  violations: Violation[];
  /** Those that are the request's own fault, whatever the node. */
  invalid: Violation[];
}

/** A VM whose configuration was read. */
export type ReadVm = FoundVm & { config: FoundConfig };

/** Works out what differs between a VM of ours and what is asked of it. Its image is not looked at, and what it has stays where it is. */
export function planExisting(input: ExistingInput, found: ReadVm): ExistingPlan {
  const { marker, inventory, settings } = input;
  const { next } = found.config;
  const problems = new Problems();
  const invalid = new Problems();
  const held = readMarker(next, found.vmid);
  const asked = requestedSpec(held);
  const before = asked && effectiveSpec(asked).spec;
  const { spec } = effectiveSpec(input.spec);
  problems.violations.push(...conflicts(spec), ...refusals(spec, "proxmox"));
  checkKept(spec, before, next, settings, { problems, invalid });
  const stamped = ownership(
    { ...spec, tags: [...foreignTags(next, before), ...spec.tags] },
    { ...marker, ...(held?.image === undefined ? {} : { image: held.image }) },
    next,
    problems,
  );
  const node = inventory.nodes.find(({ name }) => name === found.node);
  const changes =
    node === undefined
      ? noNode(found, problems)
      : changesOn(node, { spec, before, input, found, stamped }, problems);
  return {
    changes,
    parameters: {
      ...combined(changes),
      ...stamped,
      ...(found.config.digest === "" ? {} : { digest: found.config.digest }),
    },
    resizes: changes.flatMap(({ resize }) => resize ?? []),
    violations: problems.violations,
    invalid: invalid.violations,
  };
}

interface Scope {
  spec: VMSpec;
  before: VMSpec | undefined;
  input: ExistingInput;
  found: ReadVm;
  stamped: ReturnType<typeof ownership>;
}

function changesOn(node: Node, { spec, before, input, found, stamped }: Scope, problems: Problems): Change[] {
  const { marker, inventory, settings } = input;
  const { config } = found;
  const isRunning = found.power.status === "running";
  checkPveVersion(spec, node, problems);
  admit(spec, node, problems);
  const devices: DeviceInput = { spec, before, uid: marker.uid, node, settings, found: config, isRunning };
  const wanted = {
    ...wantedOptions({ ...devices, nodes: inventory.nodes, home: homeOf(config.next, settings) }, problems),
    ...(stamped?.tags === undefined ? {} : { tags: stamped.tags }),
  };
  return [
    ...knobChanges({ spec, before, wanted, found: config, isRunning }),
    ...diskChanges(devices, problems),
    ...interfaceChanges(devices, problems),
  ];
}

const noNode = ({ node, name }: FoundVm, problems: Problems): Change[] => {
  problems.add(
    "spec.placement.host",
    "NODE_OFFLINE",
    `node ${node}, which has VM ${name}, does not answer; start it and call again`,
  );
  return [];
};

/** Where the VM's root disk is, else the operator's default. */
function homeOf(config: VmConfig, { storage }: Settings): string | undefined {
  const root = optionOf(config, rootSlotOf(config) ?? "");
  return (root && storageOf(decodeDrive(root).volume ?? "")) ?? storage;
}

/** Tags of a VM that were not asked for. */
function foreignTags(config: VmConfig, before: VMSpec | undefined): string[] {
  const asked = new Set((before?.tags ?? []).map((tag) => tag.toLowerCase()));
  return readTags(config).filter((tag) => !asked.has(tag.toLowerCase()));
}

/** All changes as one request. */
function combined(changes: readonly Change[]): Parameters {
  const set: Parameters = Object.assign({}, ...changes.map((change) => change.set));
  const remove = [...new Set(changes.flatMap((change) => change.remove))].filter(
    (option) => !Object.hasOwn(set, option),
  );
  return { ...set, ...(remove.length === 0 ? {} : { delete: remove.join(",") }) };
}
