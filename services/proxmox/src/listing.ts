import type { Call } from "./call.ts";
import type { Pve } from "./client/index.ts";
import { attempt } from "./errors.ts";
import { isImage, isUnfinishedName } from "./ownership.ts";
import { type FoundVm, readVm } from "./mapping/found-vm.ts";
import { uidOfRow } from "./mapping/ownership.ts";
import { type Json, listOf, textOf } from "./mapping/json.ts";

type Row = Readonly<Record<string, Json>>;

/** Every VM and template of a cluster as its lists show it, configurations left out. */
export interface Listing {
  readonly vms: readonly FoundVm[];
  /** The rows themselves, which tell of containers, nodes and storages too. */
  readonly resources: readonly Row[];
}

export interface ListingOptions {
  /** Whether the cluster's list shows tags, as it does from Proxmox VE 7 on. */
  readonly showsTags: boolean;
  /** VMs that need not be asked for although the cluster's list does not know their names yet. */
  readonly isKnown?: (vmid: number) => boolean;
}

/**
 * One request for all VMs. Nodes tell each other of their VMs every ten seconds only: one that has a VM too new for that is asked by itself. So
 * is every node before Proxmox VE 7, whose cluster-wide list shows no tags.
 */
export async function readListing(
  pve: Pve,
  { showsTags, isKnown = () => false }: ListingOptions,
  call: Call,
): Promise<Listing> {
  const rows = listOf(await attempt("listing the VMs", () => pve.api(call).cluster.resources.$get()));
  const vms = rows.flatMap((row) => vmOf(row) ?? []);
  const online = new Set(rows.flatMap((row) => (isOnlineNode(row) ? [textOf(row.node)] : [])));
  const isVague = (vm: FoundVm) => isOutdated(vm) && !isMaking(vm.power.lock) && !isKnown(vm.vmid);
  const asked = new Set(vms.filter((vm) => !showsTags || isVague(vm)).map(({ node }) => node));
  const details = await readDetails(
    pve,
    [...asked].filter((node) => online.has(node)),
    call,
  );
  if (details.size === 0) return { vms, resources: rows };
  const whole = rows.map((row) => ({ ...row, ...details.get(textOf(row.vmid)) }));
  return { vms: whole.flatMap((row) => vmOf(row) ?? []), resources: whole };
}

/** Whether lists show a VM as it was before, or what becomes a template as what it was. */
const isOutdated = (vm: FoundVm): boolean =>
  vm.name === "" || isUnfinishedName(vm.name) || (isImage(uidOfRow(vm)) && !vm.isTemplate);

const isMaking = (lock: string): boolean => lock === "create" || lock === "clone";

/** While a VM is being made its configuration has no name, and lists call it "VM 100", which no VM can be called. */
function vmOf(row: Row): FoundVm | undefined {
  const found = readVm({ row });
  return found?.name === `VM ${found?.vmid}` ? { ...found, name: "" } : found;
}

const isOnlineNode = ({ type, status }: Row): boolean => type === "node" && status === "online";

/** What nodes say of their own VMs, by VMID. */
async function readDetails(
  pve: Pve,
  nodes: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, Row>> {
  const answers = await Promise.all(
    nodes.map((node) =>
      attempt(`listing the VMs of node ${node}`, () => pve.api(call).nodes.$(node).qemu.$get()),
    ),
  );
  return new Map(answers.flatMap(listOf).map((entry) => [textOf(entry.vmid), entry]));
}
