import { VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { reservedBy } from "./mapping/admission.ts";
import type { FoundVm } from "./mapping/found-vm.ts";
import type { Inventory } from "./mapping/inventory.ts";
import { requestedSpec, uidOfRow } from "./mapping/ownership.ts";
import { effectiveSpec } from "./mapping/plan.ts";
import { markerOf } from "./ownership.ts";

/** How long another daemon may have promised a VM something else. */
const ttlMs = 5 * 60_000;

type Allocations = Pick<VMSpec, "cpuAllocation" | "memoryAllocation">;

/** What VMs of ours were promised, by VMID: Proxmox VE keeps no reservation, and its lists do not show what we keep of it. */
export class Reservations {
  readonly #held = new Map<number, { promised: Allocations; at: number }>();

  get(vmid: number): Allocations | undefined {
    const held = this.#held.get(vmid);
    return held !== undefined && Date.now() - held.at < ttlMs ? held.promised : undefined;
  }

  note(vmid: number, { cpuAllocation, memoryAllocation }: Allocations): void {
    this.#held.set(vmid, { promised: { cpuAllocation, memoryAllocation }, at: Date.now() });
  }

  /** Forgets VMs that are no more. */
  keep(vmids: ReadonlySet<number>): void {
    for (const vmid of this.#held.keys()) if (!vmids.has(vmid)) this.#held.delete(vmid);
  }
}

/** Whether a spec asks for what has to be admitted beside other VMs. */
export const reserves = ({ cpuAllocation, memoryAllocation }: Allocations): boolean =>
  cpuAllocation?.reservationMhz !== undefined || memoryAllocation?.reservationBytes !== undefined;

/** Whether it asks for more of that than was asked before. */
export function reservesMore(now: Allocations, before: Allocations | undefined): boolean {
  const exceeds = (wanted = 0, held = 0) => wanted > held;
  return (
    exceeds(now.cpuAllocation?.reservationMhz, before?.cpuAllocation?.reservationMhz) ||
    exceeds(now.memoryAllocation?.reservationBytes, before?.memoryAllocation?.reservationBytes)
  );
}

/**
 * The inventory with what the other VMs of ours were promised on each node. Those that this daemon has not seen within five minutes are read, a
 * request each; nobody pays for that who reserves nothing.
 * @param vms all VMs, as they were just listed.
 */
export async function withReserved(
  cluster: Cluster,
  inventory: Inventory,
  vms: readonly FoundVm[],
  uid: string,
  call: Call,
): Promise<Inventory> {
  const { reservations } = cluster;
  reservations.keep(new Set(vms.map(({ vmid }) => vmid)));
  const isOnline = ({ node }: FoundVm) => inventory.nodes.some((one) => one.name === node && one.online);
  const others = vms.filter(
    (vm) =>
      !vm.isTemplate &&
      isOnline(vm) &&
      uidOfRow(vm) !== uid &&
      (uidOfRow(vm) !== undefined || reservations.get(vm.vmid) !== undefined),
  );
  const promised = await Promise.all(
    others.map(async (vm) => ({ node: vm.node, promised: await promisedTo(cluster, vm, call) })),
  );
  const nodes = inventory.nodes.map((node) => ({
    ...node,
    reserved: reservedBy(
      promised.filter((one) => one.node === node.name).map((one) => VMSpec.fromPartial(one.promised)),
    ),
  }));
  return { ...inventory, nodes };
}

async function promisedTo(cluster: Cluster, vm: FoundVm, call: Call): Promise<Allocations> {
  const known = cluster.reservations.get(vm.vmid);
  if (known !== undefined) return known;
  const found = await cluster.vms.read(vm, call);
  const asked = found && requestedSpec(markerOf(found));
  const none = { cpuAllocation: undefined, memoryAllocation: undefined };
  const promised = asked === undefined ? none : effectiveSpec(asked).spec;
  cluster.reservations.note(vm.vmid, promised);
  return promised;
}
