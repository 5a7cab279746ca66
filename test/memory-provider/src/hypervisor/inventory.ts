import type { Owner } from "@virtrigaud/proto";
import { Journal } from "./journal.ts";
import type { Machine, Marker } from "./machine.ts";

/** All machines of a hypervisor with the indices that make every look-up O(1), and the log of their changes. */
export class Inventory {
  readonly journal = new Journal();
  readonly #byId = new Map<string, Machine>();
  readonly #byName = new Map<string, Machine>();
  readonly #byUid = new Map<string, Machine>();
  /** Born machines by sequence: a page is a binary search and a slice. */
  readonly #order: Machine[] = [];
  /** Sum of linked clones by the machine that they rest upon. */
  readonly #links = new Map<string, number>();
  #births = 0;

  /** A born machine by its native identity. */
  get(id: string): Machine | undefined {
    const machine = this.#byId.get(id);
    return machine && machine.sequence > 0 ? machine : undefined;
  }

  /** A machine by its owner's uid, also while it is being made. */
  owned(uid: string): Machine | undefined {
    return this.#byUid.get(uid);
  }

  /** A machine by its name, also while it is being made. */
  named(name: string): Machine | undefined {
    return this.#byName.get(name);
  }

  /** At most `limit` born machines after a sequence number, in order. */
  after(sequence: number, limit: number): Machine[] {
    const start = this.#position(sequence + 1);
    return this.#order.slice(start, start + limit);
  }

  /** Whether linked clones rest upon the machine's disks. */
  hasLinks(id: string): boolean {
    return (this.#links.get(id) ?? 0) > 0;
  }

  /** Takes name and uid for a machine that is about to be made, so that no other can. */
  reserve(machine: Machine): void {
    if (this.#byName.has(machine.name)) throw new Error(`defect: name ${machine.name} is taken`);
    this.#byId.set(machine.id, machine);
    this.#byName.set(machine.name, machine);
    if (machine.marker) this.#byUid.set(machine.marker.owner.uid, machine);
    if (machine.linkedTo) this.#links.set(machine.linkedTo, (this.#links.get(machine.linkedTo) ?? 0) + 1);
  }

  /** The machine exists from now on. */
  bear(machine: Machine): void {
    machine.sequence = ++this.#births;
    this.#order.push(machine);
    this.#record(machine, undefined);
  }

  /** Forgets a machine, born or only reserved. */
  remove(machine: Machine): void {
    this.#byId.delete(machine.id);
    this.#byName.delete(machine.name);
    if (machine.marker) this.#byUid.delete(machine.marker.owner.uid);
    if (machine.linkedTo) this.#links.set(machine.linkedTo, (this.#links.get(machine.linkedTo) ?? 1) - 1);
    if (machine.sequence === 0) return;
    this.#order.splice(this.#position(machine.sequence), 1);
    this.changed(machine);
  }

  /** Stamps or, with undefined, removes the ownership marker. */
  mark(machine: Machine, marker: Marker | undefined): void {
    const before = machine.marker?.owner;
    if (before) this.#byUid.delete(before.uid);
    if (marker) this.#byUid.set(marker.owner.uid, machine);
    machine.marker = marker;
    this.#record(machine, before);
  }

  /** Renames a machine; the new name is free. */
  rename(machine: Machine, name: string): void {
    this.#byName.delete(machine.name);
    machine.name = name;
    this.#byName.set(name, machine);
  }

  /** Logs that a machine changed. */
  changed(machine: Machine): void {
    this.#record(machine, machine.marker?.owner);
  }

  #record({ id, name }: Machine, ownerBefore: Owner | undefined): void {
    this.journal.record({ id, name, ownerBefore });
  }

  #position(sequence: number): number {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#order[middle]?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
