import { ProviderError, status } from "@virtrigaud/kit";
import type { VimClient } from "./client/vim-client.ts";
import { attempt, isFault } from "./errors.ts";
import { type FoundVm, readVm, vmProperties } from "./mapping/observation.ts";
import type { ManagedObjectReference } from "./vim/types.ts";

type VmReference = ManagedObjectReference<"VirtualMachine">;
interface Call {
  signal: AbortSignal;
}

/** How many uids are remembered; the oldest is forgotten first and looked up again when it is needed. */
const maxHints = 20_000;

/**
 * VMs by owner. Remembers which object a uid belonged to when it was last read, which saves the look-up; the memory is only a hint, for what is
 * read decides: a hint that no longer holds is dropped and vCenter is asked.
 */
export class Vms {
  readonly #client: VimClient;
  readonly #hints = new Map<string, string>();

  constructor(client: VimClient) {
    this.#client = client;
  }

  /** The VM that a uid owns; undefined only when vCenter says that there is none. */
  async byUid(
    uid: string,
    call: Call,
    view: keyof typeof vmProperties = "full",
  ): Promise<FoundVm | undefined> {
    const hint = this.#hints.get(uid);
    if (hint !== undefined) {
      const found = await this.read({ type: "VirtualMachine", value: hint }, call, view);
      if (found?.marker?.uid === uid) return found;
      this.#hints.delete(uid);
    }
    const ref = await attempt(`looking up the VM of ${uid}`, async () => {
      const { searchIndex } = await this.#client.serviceContent(call);
      const query = { uuid: uid, vmSearch: true, instanceUuid: true };
      return this.#client.call("FindByUuid", searchIndex, query, call);
    });
    if (ref === undefined) return undefined;
    const found = await this.read(ref as VmReference, call, view);
    if (found === undefined) return undefined;
    if (found.marker?.uid === uid) this.remember(uid, found.ref.value);
    return found;
  }

  /** As {@link byUid}; NOT_FOUND when there is none, OWNED_BY_ANOTHER when the VM with this instance UUID bears another's marker or none. */
  async owned(uid: string, call: Call, view: keyof typeof vmProperties = "basic"): Promise<FoundVm> {
    const found = await this.byUid(uid, call, view);
    if (found === undefined) throw notFound(`no VM is owned by ${uid}`);
    requireOwner(found, uid);
    return found;
  }

  /** The reference of an owned VM without a read where it is remembered, for calls whose own fault tells when it is gone. */
  async ownedReference(uid: string, call: Call): Promise<VmReference> {
    const hint = this.#hints.get(uid);
    return hint === undefined ? (await this.owned(uid, call)).ref : { type: "VirtualMachine", value: hint };
  }

  /** One VM by its reference; undefined only when vCenter says that it does not exist. */
  async read(
    ref: VmReference,
    call: Call,
    view: keyof typeof vmProperties = "full",
  ): Promise<FoundVm | undefined> {
    return attempt(`reading VM ${ref.value}`, async () => {
      try {
        return readVm(await this.#client.read(ref, vmProperties[view], call));
      } catch (error) {
        if (isFault(error, "ManagedObjectNotFound")) return undefined;
        throw error;
      }
    });
  }

  /** Every VM, templates left out, in one read. */
  async all(call: Call, view: keyof typeof vmProperties): Promise<FoundVm[]> {
    const { VirtualMachine: all } = await attempt("listing VMs", () =>
      this.#client.retrieve({ paths: { VirtualMachine: vmProperties[view] } }, call),
    );
    return all.map(readVm).filter(({ config }) => config?.template !== true);
  }

  remember(uid: string, id: string): void {
    this.#hints.delete(uid);
    this.#hints.set(uid, id);
    if (this.#hints.size <= maxHints) return;
    const [oldest] = this.#hints.keys();
    if (oldest !== undefined) this.#hints.delete(oldest);
  }

  forget(uid: string): void {
    this.#hints.delete(uid);
  }
}

export const notFound = (message: string): ProviderError =>
  new ProviderError({ code: status.NOT_FOUND, reason: "VM_NOT_FOUND", message });

/** Refuses a VM that carries the uid as its instance UUID but not as its owner. */
export function requireOwner({ marker, name, ref }: FoundVm, uid: string): void {
  if (marker?.uid === uid) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "OWNED_BY_ANOTHER",
    message: `VM ${name} (${ref.value}) has ${uid} as its instanceUuid, but ${marker === undefined ? "no ownership marker" : "another owner's marker"}; it is not touched`,
  });
}
