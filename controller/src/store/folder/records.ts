import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { VirtualMachineStatus } from "../../status-types.ts";
import type { Ref } from "../store.ts";
import { readIfPresent, removeDurably, writeDurably } from "./durable-file.ts";

/** What a state folder holds about VMs: for each a folder with its `uid` and its `status.json`. */
export class Records {
  readonly #folder: string;
  readonly #uids = new Map<string, Promise<string>>();
  readonly #statuses = new Map<string, VirtualMachineStatus | undefined>();

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, "virtualmachines");
  }

  /** The VM's UID, made and stored when it has none. */
  uid(vm: Ref): Promise<string> {
    const path = this.#path(vm);
    const uid = this.#uids.get(path) ?? this.#readOrMakeUid(join(path, "uid"));
    this.#uids.set(path, uid);
    uid.catch(() => this.#uids.delete(path));
    return uid;
  }

  /** The UID of a VM that has one; undefined when none was ever made, and so no VM. */
  async existingUid(vm: Ref): Promise<string | undefined> {
    return (await readIfPresent(join(this.#path(vm), "uid")))?.trim();
  }

  async status(vm: Ref): Promise<VirtualMachineStatus | undefined> {
    const path = this.#path(vm);
    if (!this.#statuses.has(path)) {
      const text = await readIfPresent(join(path, "status.json"));
      this.#statuses.set(path, text === undefined ? undefined : (JSON.parse(text) as VirtualMachineStatus));
    }
    return this.#statuses.get(path);
  }

  async writeStatus(vm: Ref, status: VirtualMachineStatus): Promise<void> {
    const path = this.#path(vm);
    await writeDurably(join(path, "status.json"), `${JSON.stringify(status, null, 2)}\n`);
    this.#statuses.set(path, status);
  }

  async forget(vm: Ref): Promise<void> {
    const path = this.#path(vm);
    await removeDurably(path);
    this.#uids.delete(path);
    this.#statuses.delete(path);
  }

  async #readOrMakeUid(path: string): Promise<string> {
    const existing = (await readIfPresent(path))?.trim();
    if (existing !== undefined) return existing;
    const uid = randomUUID();
    await writeDurably(path, `${uid}\n`);
    return uid;
  }

  #path({ namespace, name }: Ref): string {
    return join(this.#folder, namespace, name);
  }
}
