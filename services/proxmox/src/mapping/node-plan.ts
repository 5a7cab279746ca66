import type { VMSpec, Violation } from "@virtrigaud/proto";
import { admit } from "./admission.ts";
import { asCloned, cloneParameters, removedFromTemplate } from "./clone.ts";
import { type CloudInitPlan, cloudInit } from "./cloud-init.ts";
import { compute } from "./compute.ts";
import { cpu } from "./cpu.ts";
import { rootSlotOf } from "./disk-slots.ts";
import { disks, type PlannedDisks } from "./disks.ts";
import { extraConfig } from "./extra-config.ts";
import { firmware } from "./firmware.ts";
import { identity } from "./identity.ts";
import { checkReach, imageText } from "./image.ts";
import type { Node, Storage } from "./inventory.ts";
import { encodeBoot } from "./language/boot.ts";
import { decodeDrive } from "./language/drive.ts";
import { machine } from "./machine.ts";
import { memory } from "./memory.ts";
import { nics } from "./nics.ts";
import type { Plan, PlanInput } from "./plan.ts";
import { Problems } from "./problems.ts";
import { chooseStorage } from "./storage.ts";
import { tpm } from "./tpm.ts";
import { checkPveVersion } from "./versions.ts";
import { numbered, optionOf, type Parameters, type VmConfig } from "./vm-config.ts";
import { weights } from "./weights.ts";

/** What a plan for one node came to. */
export interface NodePlan {
  node: Node;
  plan: Plan;
  /** The VM's options as they would be sent, with those of the template. */
  config: VmConfig;
  violations: readonly Violation[];
}

/** Plans the VM on this node, with everything that speaks against it. Takes the effective spec. */
export function planOn(node: Node, spec: VMSpec, input: PlanInput): NodePlan {
  const problems = new Problems();
  const { inventory, settings, template, marker } = input;
  const existing = template?.config ?? {};
  checkPveVersion(spec, node, problems);
  admit(spec, node, problems);
  checkReach(node, template, inventory.nodes, problems);

  const storage = chooseStorage(spec, { node, settings, templateVolume: rootVolume(existing) }, problems);
  const { home } = storage;
  const planned = disks(spec, storage, existing, problems);
  const init = cloudInit(spec, { uid: marker.uid, node, settings, home, existing }, problems);
  const scope = { node, existing, home: home?.name, planned, init };
  const options = optionsOf(spec, scope, input, problems);
  const made = { input, node, spec, options, planned, init, home };
  const { plan, config } = spec.image === undefined ? blank(made) : cloned(made, problems);
  return { node, plan, config, violations: problems.violations };
}

interface Scope {
  node: Node;
  existing: VmConfig;
  home: string | undefined;
  planned: PlannedDisks;
  init: CloudInitPlan;
}

/** Every option that the VM shall have. No two of these set the same one. */
function optionsOf(spec: VMSpec, scope: Scope, input: PlanInput, problems: Problems): Parameters {
  const { node, existing, home, planned, init } = scope;
  const { marker, settings, inventory, template } = input;
  const isClone = spec.image !== undefined;
  const stamp = template === undefined ? marker : { ...marker, image: imageText(template) };
  return {
    ...identity(spec, stamp, existing, problems),
    ...compute(spec, node, existing, problems),
    ...memory(spec, existing, problems),
    ...cpu(spec, { node, nodes: inventory.nodes, settings, isClone }, problems),
    ...weights(spec, node, problems),
    ...firmware(spec, node, home, existing, problems),
    ...tpm(spec, node, home, existing, problems),
    ...machine(spec, node.version, existing),
    ...planned.options,
    ...nics(spec.networkInterfaces, { uid: marker.uid, node, settings }, problems),
    ...init.options,
    ...extraConfig(spec, problems),
  };
}

interface Made {
  input: PlanInput;
  node: Node;
  spec: VMSpec;
  options: Parameters;
  planned: PlannedDisks;
  init: CloudInitPlan;
  home: Storage | undefined;
}

function blank({ input, node, spec, options, init }: Made): Pick<NodePlan, "plan" | "config"> {
  const pool = poolOf(spec, input);
  const config = { ...options, ...bootOrder(options) };
  const create = pool === undefined ? config : { ...config, pool };
  return { plan: { node: node.name, seed: init.seed, create, clone: undefined }, config };
}

function cloned(made: Made, problems: Problems): Pick<NodePlan, "plan" | "config"> {
  const { input, node, spec, options, planned, init, home } = made;
  const { template } = input;
  // Without its template an image is a violation already.
  if (template === undefined) return blank(made);
  const scope = { template, node, storage: home, pool: poolOf(spec, input) };
  const clone = {
    from: { node: template.node, vmid: template.vmid },
    parameters: cloneParameters(spec, { ...scope, description: optionOf(options, "description") }, problems),
    options,
    removed: [...removedFromTemplate(spec, template.config, options), ...init.removed],
    root: planned.root,
  };
  const plan = { node: node.name, seed: init.seed, create: undefined, clone };
  return { plan, config: asCloned(clone, template) };
}

const poolOf = ({ placement }: VMSpec, { settings }: PlanInput): string | undefined =>
  placement?.resourcePool || settings.pool;

/** The first disk, then the network, from which a blank VM is installed. */
function bootOrder(options: Parameters): Parameters {
  const card = numbered(options, "net")[0]?.[0];
  const order = [rootSlotOf(options), card].filter((name) => name !== undefined);
  return order.length === 0 ? {} : { boot: encodeBoot({ order }) };
}

function rootVolume(existing: VmConfig): string | undefined {
  const slot = rootSlotOf(existing);
  return slot === undefined ? undefined : decodeDrive(optionOf(existing, slot) ?? "").volume;
}
