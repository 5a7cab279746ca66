import type { Call } from "./call.ts";
import type { Pve } from "./client/index.ts";
import { KnownVms, type Place } from "./known-vms.ts";
import { type Listing, readListing } from "./listing.ts";
import type { ReadVm } from "./mapping/existing.ts";
import type { FoundVm } from "./mapping/found-vm.ts";
import { uidOfRow } from "./mapping/ownership.ts";
import { isOurs, markerOf, notFound, requireOwner, unfinishedName } from "./ownership.ts";
import { readVmAt } from "./read-vm.ts";

export interface VmsOptions {
  /** Whether the cluster's list of VMs shows their tags. */
  readonly showsTags: (call: Call) => Promise<boolean>;
  /** Fails unless the account sees every VM, so that what no list shows does not exist. */
  readonly requireSight: (call: Call) => Promise<unknown>;
  /** Told whenever this daemon changes a VM. */
  readonly onChange: () => void;
}

/** VMs by owner, as Proxmox VE holds them at this moment. */
export class Vms {
  readonly known: KnownVms;
  readonly #pve: Pve;
  readonly #showsTags: (call: Call) => Promise<boolean>;
  readonly #requireSight: (call: Call) => Promise<unknown>;

  constructor(pve: Pve, { showsTags, requireSight, onChange }: VmsOptions) {
    this.#pve = pve;
    this.#showsTags = showsTags;
    this.#requireSight = requireSight;
    this.known = new KnownVms(onChange);
  }

  /** Every VM and template by lists alone. */
  async list(call: Call): Promise<Listing> {
    await this.#requireSight(call);
    return this.#named(await readListing(this.#pve, { showsTags: await this.#showsTags(call) }, call));
  }

  /** The same for whoever looks for names and owners: those that this daemon knows are not asked for. */
  async listNames(call: Call): Promise<Listing> {
    const { known } = this;
    const isKnown = (vmid: number) => known.nameOf(vmid) !== undefined;
    await this.#requireSight(call);
    const listing = await readListing(this.#pve, { showsTags: await this.#showsTags(call), isKnown }, call);
    return this.#named(listing);
  }

  /** Of a VMID that was given again, lists show the name of the VM before for a while. */
  #named(listing: Listing): Listing {
    return { ...listing, vms: listing.vms.map((vm) => ({ ...vm, name: this.#nameOf(vm) })) };
  }

  /** Of a VM whose owner this daemon knows, the name that it has read or given is newer than what lists remember. */
  #nameOf(vm: FoundVm): string {
    const isOwners = uidOfRow(vm) === undefined || uidOfRow(vm) === this.known.uidOf(vm.vmid);
    return (isOwners ? this.known.nameOf(vm.vmid) : undefined) ?? vm.name;
  }

  /** The VM of a uid; undefined only when Proxmox VE has none. It may have lost its marker: see requireOwner. */
  async byUid(uid: string, call: Call): Promise<ReadVm | undefined> {
    return (await this.byHint(uid, call)) ?? this.search(uid, (await this.listNames(call)).vms, call);
  }

  /** The VM of a uid where it was last seen; undefined when it is not there any more, or was never seen. */
  async byHint(uid: string, call: Call): Promise<ReadVm | undefined> {
    const hint = this.known.get(uid);
    const found = hint && (await readVmAt(this.#pve, hint, call));
    if (found !== undefined && markerOf(found)?.uid === uid) return this.note(uid, found);
    if (hint?.making === undefined) this.known.forget(uid);
    return undefined;
  }

  /** The VM of a uid among those of a list: what its tag or name says, its own marker has to prove. Of several the oldest. */
  async search(uid: string, vms: readonly FoundVm[], call: Call): Promise<ReadVm | undefined> {
    const rows = vms
      .filter((vm) => !vm.isTemplate && (uidOfRow(vm) === uid || vm.name === unfinishedName(uid)))
      .sort((a, b) => a.vmid - b.vmid);
    let unmarked: ReadVm | undefined;
    for (const row of rows) {
      const found = await readVmAt(this.#pve, row, call);
      if (found !== undefined && markerOf(found)?.uid === uid) return this.note(uid, found);
      if (found !== undefined && isOurs(found, uid)) unmarked ??= found;
    }
    return unmarked;
  }

  /** The VM that a uid owns. @throws NOT_FOUND, or OWNED_BY_ANOTHER when it bears another's marker or none. */
  async owned(uid: string, call: Call): Promise<ReadVm> {
    const found = await this.byUid(uid, call);
    if (found === undefined) throw notFound(`no VM is owned by ${uid}`);
    requireOwner(found, uid);
    return found;
  }

  /** The same, without a request where it was read a moment ago. */
  async recent(uid: string, call: Call): Promise<ReadVm> {
    return this.known.fresh(uid) ?? this.owned(uid, call);
  }

  /** A VM by its native identity; undefined when there is none, or it is a template. */
  async byId(id: string, call: Call): Promise<ReadVm | undefined> {
    const { vms } = await this.listNames(call);
    const row = vms.find((vm) => String(vm.vmid) === id && !vm.isTemplate);
    return row && this.read(row, call);
  }

  /** A VM as it is now; undefined only when it is gone from its node. */
  async read(place: Place, call: Call): Promise<ReadVm | undefined> {
    const found = await readVmAt(this.#pve, place, call);
    const uid = found && markerOf(found)?.uid;
    return found !== undefined && uid !== undefined ? this.note(uid, found) : found;
  }

  /** Takes over what was read of a VM just now. */
  note(uid: string, found: ReadVm): ReadVm {
    const { node, vmid, name } = found;
    this.known.remember(uid, { node, vmid, name, found });
    return found;
  }
}
