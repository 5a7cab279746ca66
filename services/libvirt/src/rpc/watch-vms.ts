import { ProviderError, status, type StreamHandler } from "@virtrigaud/kit";
import { View, VM, WatchEventType, type WatchVMsRequest, type WatchVMsResponse } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Host } from "../host.ts";
import type { Change } from "../inventory/journal.ts";
import type { Known } from "../inventory/known.ts";
import { latest } from "../inventory/latest.ts";
import { observed, unhurried, withUsage } from "../observed.ts";
import { statsOf } from "./list-vms.ts";

/** Half of what the contract allows. */
const defaultHeartbeatMs = 15_000;

/**
 * A cursor in the journal of the picture that all watchers share. Nothing is queued for a reader: one that falls so far behind that the journal has
 * forgotten its place gets RESOURCE_EXHAUSTED. While libvirtd cannot be reached the stream stays; what happened meanwhile comes afterwards.
 */
export const watchVms = (host: Host, heartbeatMs = defaultHeartbeatMs): StreamHandler<"watchVMs"> =>
  async function* (request, { signal }) {
    const { inventory } = host;
    const reader = new Reader(host, request, { signal });
    await inventory.all({ signal });
    let cursor = inventory.journal.revision;
    const missed = reader.missed();
    if (missed === undefined) {
      const present = inventory.present;
      yield { type: WatchEventType.RESET, resumeToken: "", vm: undefined };
      yield* reader.snapshot(present);
    } else yield* reader.events(missed);
    yield { type: WatchEventType.SYNCED, resumeToken: reader.token(cursor), vm: undefined };

    for (let sentAt = performance.now(); ; ) {
      if (inventory.journal.revision === cursor)
        await inventory.journal.next(Math.max(0, sentAt + heartbeatMs - performance.now()), signal);
      signal.throwIfAborted();
      const changes = inventory.journal.since(cursor);
      if (changes === undefined) throw tooSlow();
      cursor += changes.length;
      for await (const event of reader.events(changes)) {
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
  readonly #host: Host;
  readonly #request: WatchVMsRequest;
  readonly #call: Call;

  constructor(host: Host, request: WatchVMsRequest, call: Call) {
    this.#host = host;
    this.#request = request;
    this.#call = call;
  }

  /** A revision means something only to the daemon that counts it. */
  token(revision: number): string {
    return `${this.#host.inventory.id}.${revision}`;
  }

  /** What changed since the reader's token; undefined without one, and where that is not known. */
  missed(): readonly Change[] | undefined {
    const { id, journal } = this.#host.inventory;
    const [tokenId, revision] = this.#request.resumeToken.split(".");
    return tokenId === id ? journal.since(Number(revision)) : undefined;
  }

  /** Every VM once. Without a token: who breaks off in the middle has to begin again. */
  async *snapshot(present: readonly Known[]): AsyncGenerator<WatchVMsResponse> {
    for await (const vm of this.#messages(present))
      yield { type: WatchEventType.UPSERT, resumeToken: "", vm };
  }

  /** One message for each VM that changed: it tells what is, not what was. */
  async *events(changes: readonly Change[]): AsyncGenerator<WatchVMsResponse> {
    const last = latest(changes);
    const present = last.flatMap(({ id }) => this.#host.inventory.get(id) ?? []);
    const messages = new Map<string, VM>();
    for await (const vm of this.#messages(present)) messages.set(vm.id, vm);
    for (const { id, name, ownerBefore: owner, revision } of last) {
      const vm = messages.get(id);
      const resumeToken = this.token(revision);
      if (vm !== undefined) yield { type: WatchEventType.UPSERT, resumeToken, vm };
      else if (this.#request.includeUnowned || owner !== undefined)
        yield { type: WatchEventType.DELETED, resumeToken, vm: VM.fromPartial({ id, name, owner }) };
    }
  }

  async *#messages(domains: readonly Known[]): AsyncGenerator<VM> {
    const { view, includeUnowned } = this.#request;
    const wanted = domains.filter(({ stored }) => includeUnowned || stored.owner !== undefined);
    if (wanted.length === 0) return;
    const sight = await this.#host.sight(this.#call);
    if (view !== View.FULL) {
      for await (const known of unhurried(wanted)) yield observed(known, sight, view);
      return;
    }
    const [full, stats] = await Promise.all([
      this.#host.inventory.withVolumes(wanted, this.#call),
      statsOf(this.#host, wanted, this.#call),
    ]);
    for await (const known of unhurried(full))
      yield withUsage(observed(known, sight, view), stats.get(known.domain.uuid));
  }
}

const tooSlow = () =>
  new ProviderError({
    code: status.RESOURCE_EXHAUSTED,
    reason: "WATCH_TOO_SLOW",
    message: "the reader is slower than the changes; watch again, and read faster",
  });
