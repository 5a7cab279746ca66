import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { VimClient } from "./client/vim-client.ts";
import { attempt, isFault } from "./errors.ts";
import { type Depth, type FoundVm, readVm, vmProperties } from "./mapping/found-vm.ts";
import { Hints } from "./hints.ts";
import type { ManagedObjectReference } from "./vim/types.ts";

type VmReference = ManagedObjectReference<"VirtualMachine">;

/** VMs by owner. What is read decides; a hint that no longer holds is dropped and vCenter is asked. */
export class Vms {
  readonly hints = new Hints();
  readonly #client: VimClient;

  constructor(client: VimClient) {
    this.#client = client;
  }

  /** The VM that a uid names as its instance UUID, whoever owns it; undefined only when vCenter says that there is none. */
  async byUid(uid: string, call: Call, depth: Depth = "basic"): Promise<FoundVm | undefined> {
    const hint = this.hints.get(uid);
    if (hint !== undefined) {
      const found = await this.read({ type: "VirtualMachine", value: hint }, call, depth);
      if (found?.marker?.uid === uid) return this.#confirmed(found, uid);
      this.hints.forget(uid);
    }
    const ref = await attempt(`looking up the VM of ${uid}`, async () => {
      const { searchIndex } = await this.#client.serviceContent(call);
      const query = { uuid: uid, vmSearch: true, instanceUuid: true };
      return this.#client.call("FindByUuid", searchIndex, query, call);
    });
    const found = ref && (await this.read(ref as VmReference, call, depth));
    return found?.marker?.uid === uid ? this.#confirmed(found, uid) : found;
  }

  /** The VM that a uid owns. @throws NOT_FOUND, OWNED_BY_ANOTHER when it bears another's marker or none, or VM_UNREADABLE. */
  async owned(uid: string, call: Call, depth: Depth = "basic"): Promise<FoundVm> {
    const found = await this.byUid(uid, call, depth);
    if (found === undefined) throw notFound(`no VM is owned by ${uid}`);
    requireOwner(found, uid);
    return found;
  }

  /** The reference of an owned VM, without a read where its marker was read a moment ago. */
  async ownedReference(uid: string, call: Call): Promise<VmReference> {
    const hint = this.hints.getFresh(uid);
    return hint === undefined ? (await this.owned(uid, call)).ref : { type: "VirtualMachine", value: hint };
  }

  /** One VM by its reference; undefined only when vCenter says that it does not exist. */
  async read(ref: VmReference, call: Call, depth: Depth = "basic"): Promise<FoundVm | undefined> {
    return attempt(`reading VM ${ref.value}`, async () => {
      try {
        return readVm(await this.#client.read(ref, vmProperties[depth], call));
      } catch (error) {
        if (isFault(error, "ManagedObjectNotFound")) return undefined;
        throw error;
      }
    });
  }

  /** Every VM, templates left out, in one read. */
  async all(call: Call, depth: Depth): Promise<FoundVm[]> {
    const { VirtualMachine: all } = await attempt("listing VMs", () =>
      this.#client.retrieve({ paths: { VirtualMachine: vmProperties[depth] } }, call),
    );
    return all.map(readVm).filter(({ isTemplate }) => !isTemplate);
  }

  #confirmed(found: FoundVm, uid: string): FoundVm {
    this.hints.remember(uid, found.ref.value);
    return found;
  }
}

export const notFound = (message: string): ProviderError =>
  new ProviderError({ code: status.NOT_FOUND, reason: "VM_NOT_FOUND", message });

/** Refuses a VM that carries the uid as its instance UUID but not as its owner, and one that cannot tell its owner now. */
export function requireOwner({ marker, name, ref, isReadable }: FoundVm, uid: string): void {
  if (marker?.uid === uid) return;
  if (!isReadable) {
    throw new ProviderError({
      code: status.ABORTED,
      reason: "VM_UNREADABLE",
      message: `vCenter cannot read VM ${name} (${ref.value}) now: it is being made, or its datastore is inaccessible; call again`,
      retryAfterMs: 1_000,
    });
  }
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "OWNED_BY_ANOTHER",
    message: `VM ${name} (${ref.value}) has ${uid} as its instanceUuid, but ${marker === undefined ? "no ownership marker" : "another owner's marker"}; it is not touched`,
  });
}
