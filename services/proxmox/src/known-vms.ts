import type { ReadVm } from "./mapping/existing.ts";

/** Where a VM is: its own place in the API. */
export interface Place {
  readonly node: string;
  readonly vmid: number;
}

/** What is known of the VM of a uid. */
export interface KnownVm extends Place {
  readonly name: string;
  /** The task that makes it, until someone sees it ended. */
  readonly making?: string;
  /** As it was last read. */
  readonly found?: ReadVm;
}

/** How many are remembered; the oldest is forgotten first and looked up again when it is needed. */
const most = 20_000;
/** How long what was read is acted on without another look: VMIDs are given away again. */
const freshMs = 5_000;

/** What this daemon has seen or begun, by owner. Never more than a hint that saves a look-up: Proxmox VE alone says what is. */
export class KnownVms {
  readonly #byUid = new Map<string, KnownVm & { at: number }>();
  readonly #uidOf = new Map<number, string>();
  readonly #onChange: () => void;

  /** @param onChange told whenever this daemon changes a VM. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get(uid: string): KnownVm | undefined {
    return this.#byUid.get(uid);
  }

  /** The VM as it was read a moment ago. */
  fresh(uid: string): ReadVm | undefined {
    const known = this.#byUid.get(uid);
    return known !== undefined && Date.now() - known.at < freshMs ? known.found : undefined;
  }

  /** The owner of a VM, if this daemon knows it. */
  uidOf(vmid: number): string | undefined {
    return this.#uidOf.get(vmid);
  }

  /** The name of a VM whose owner this daemon knows; undefined of any other. */
  nameOf(vmid: number): string | undefined {
    const uid = this.#uidOf.get(vmid);
    return uid === undefined ? undefined : this.#byUid.get(uid)?.name;
  }

  /** The tasks by which this daemon makes VMs. */
  get makings(): ReadonlySet<string> {
    return new Set([...this.#byUid.values()].flatMap(({ making }) => making ?? []));
  }

  remember(uid: string, known: KnownVm): void {
    this.forget(uid);
    this.#byUid.set(uid, { ...known, at: Date.now() });
    this.#uidOf.set(known.vmid, uid);
    const [oldest] = this.#byUid.keys();
    if (this.#byUid.size > most && oldest !== undefined) this.forget(oldest);
  }

  /** This daemon begins to make it. */
  began(uid: string, known: KnownVm & { making: string }): void {
    this.remember(uid, known);
    this.#onChange();
  }

  /** Its making has ended well. */
  made(uid: string): void {
    this.#onChange();
    const known = this.#byUid.get(uid);
    if (known === undefined) return;
    const { making: _, ...rest } = known;
    this.#byUid.set(uid, rest);
  }

  /** It was changed: what was read of it is out of date. */
  changed(uid: string): void {
    this.#onChange();
    const known = this.#byUid.get(uid);
    if (known === undefined) return;
    const { found: _, ...rest } = known;
    this.#byUid.set(uid, rest);
  }

  forget(uid: string): void {
    const known = this.#byUid.get(uid);
    this.#byUid.delete(uid);
    if (known !== undefined && this.#uidOf.get(known.vmid) === uid) this.#uidOf.delete(known.vmid);
  }
}
