import { ProviderError, status, type StreamHandler } from "@virtrigaud/kit";
import { VM, WatchEventType, type WatchVMsRequest, type WatchVMsResponse } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import type { FoundVm } from "../mapping/found-vm.ts";
import { observe } from "../mapping/observation.ts";
import { uidOfRow } from "../mapping/ownership.ts";
import type { Change } from "../picture.ts";
import { unhurried } from "../unhurried.ts";
import { isListed } from "./list-vms.ts";

/** Half of what the contract allows. */
const defaultHeartbeatMs = 15_000;

/**
 * A cursor in the changes of the picture that all watchers share. Nothing is queued for a reader: one that falls so far behind that its place is
 * forgotten gets RESOURCE_EXHAUSTED. As in ListVMs a VM is what Proxmox VE's lists tell of it.
 */
export const watchVms = (cluster: Cluster, heartbeatMs = defaultHeartbeatMs): StreamHandler<"watchVMs"> =>
  async function* (request, { signal }) {
    const { picture } = cluster;
    const reader = new Reader(cluster, request, { signal });
    await picture.look({ signal });
    let cursor = picture.revision;
    const missed = reader.missed();
    if (missed === undefined) {
      const present = [...picture.vms.values()];
      yield { type: WatchEventType.RESET, resumeToken: "", vm: undefined };
      yield* reader.snapshot(present);
    } else yield* reader.events(missed, cursor);
    yield { type: WatchEventType.SYNCED, resumeToken: reader.token(cursor), vm: undefined };

    for (let sentAt = performance.now(); ; ) {
      if (picture.revision === cursor)
        await picture.next(Math.max(0, sentAt + heartbeatMs - performance.now()), { signal });
      const changes = picture.since(cursor);
      if (changes === undefined) throw tooSlow();
      cursor += changes.length;
      for await (const event of reader.events(changes, cursor)) {
        yield event;
        sentAt = performance.now();
      }
      if (performance.now() - sentAt < heartbeatMs) continue;
      yield { type: WatchEventType.HEARTBEAT, resumeToken: reader.token(cursor), vm: undefined };
      sentAt = performance.now();
    }
  };

/** What one reader is told. */
class Reader {
  readonly #cluster: Cluster;
  readonly #request: WatchVMsRequest;
  readonly #call: Call;

  constructor(cluster: Cluster, request: WatchVMsRequest, call: Call) {
    this.#cluster = cluster;
    this.#request = request;
    this.#call = call;
  }

  /** A revision means something only to the daemon that counts it. */
  token(revision: number): string {
    return `${this.#cluster.picture.id}.${revision}`;
  }

  /** What changed since the reader's token; undefined without one, and where that is not known. */
  missed(): readonly Change[] | undefined {
    const { picture } = this.#cluster;
    const [, id, revision] = /^(.+)\.(\d+)$/.exec(this.#request.resumeToken) ?? [];
    return id === picture.id ? picture.since(Number(revision)) : undefined;
  }

  /** Every VM once. Without a token: who breaks off in the middle has to begin again. */
  async *snapshot(present: readonly FoundVm[]): AsyncGenerator<WatchVMsResponse> {
    const sight = await this.#cluster.sight(this.#call);
    for await (const found of unhurried(present.filter((vm) => this.#wants(vm)))) {
      const vm = observe(found, sight, this.#request.view);
      yield { type: WatchEventType.UPSERT, resumeToken: "", vm };
    }
  }

  /** One message for each VM that changed: it tells what is, not what was. Only the last one brings further. */
  async *events(changes: readonly Change[], reached: number): AsyncGenerator<WatchVMsResponse> {
    if (changes.length === 0) return;
    const sight = await this.#cluster.sight(this.#call);
    const first = new Map<number, Change>();
    for (const change of changes) if (!first.has(change.vmid)) first.set(change.vmid, change);
    const started = this.token(reached - changes.length);
    let left = first.size;
    for (const { vmid, before } of first.values()) {
      left -= 1;
      const resumeToken = left === 0 ? this.token(reached) : started;
      const found = this.#cluster.picture.vms.get(vmid);
      const present = found !== undefined && this.#wants(found) ? found : undefined;
      if (
        before !== undefined &&
        this.#wants(before) &&
        (present === undefined || isAnother(before, present))
      ) {
        const { id, name, owner } = observe(before, sight, this.#request.view);
        const token = present === undefined ? resumeToken : started;
        yield { type: WatchEventType.DELETED, resumeToken: token, vm: VM.fromPartial({ id, name, owner }) };
      }
      if (present !== undefined)
        yield { type: WatchEventType.UPSERT, resumeToken, vm: observe(present, sight, this.#request.view) };
    }
  }

  #wants(vm: FoundVm): boolean {
    return isListed(vm, this.#request.includeUnowned);
  }
}

/** Whether a VMID was given again to another owner's VM. */
const isAnother = (before: FoundVm, now: FoundVm): boolean => {
  const [was, is] = [uidOfRow(before), uidOfRow(now)];
  return was !== undefined && is !== undefined && was !== is;
};

const tooSlow = () =>
  new ProviderError({
    code: status.RESOURCE_EXHAUSTED,
    reason: "WATCH_TOO_SLOW",
    message: "the reader is slower than the changes; watch again, and read faster",
  });
