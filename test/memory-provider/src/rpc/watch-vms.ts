import { status } from "@grpc/grpc-js";
import { type VM, WatchEventType, type WatchVMsRequest, type WatchVMsResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault } from "../fault.ts";
import type { Change } from "../hypervisor/journal.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { observe, observeGone } from "../mapping/observe.ts";

/** Machines per step of the snapshot, so that a large one is never held as a whole. */
const chunk = 100;

/**
 * WatchVMs: a cursor in the hypervisor's log of changes. A reader that falls so far behind that the log has forgotten its
 * place gets RESOURCE_EXHAUSTED; nothing is queued for it.
 */
export async function* watchVMs(
  context: Context,
  request: WatchVMsRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchVMsResponse> {
  const { hypervisor, heartbeatMs } = context;
  const { journal } = hypervisor.inventory;
  const token = (revision: number) => `${hypervisor.id}:${revision}`;
  let cursor = journal.revision;
  const missed = changesSince(context, request.resumeToken);
  if (missed) yield* events(context, request, missed, token);
  else {
    yield { type: WatchEventType.RESET, resumeToken: "", vm: undefined };
    yield* snapshot(context, request);
  }
  yield { type: WatchEventType.SYNCED, resumeToken: token(cursor), vm: undefined };

  let sentAt = Date.now();
  while (!signal.aborted) {
    const patience = Math.max(0, heartbeatMs - (Date.now() - sentAt));
    if (journal.revision === cursor) await journal.next(patience, signal);
    const changes = journal.since(cursor);
    if (!changes) throw tooSlow();
    cursor += changes.length;
    for (const event of events(context, request, changes, token)) {
      yield event;
      sentAt = Date.now();
    }
    if (Date.now() - sentAt < heartbeatMs) continue;
    yield { type: WatchEventType.HEARTBEAT, resumeToken: token(cursor), vm: undefined };
    sentAt = Date.now();
  }
}

/** What changed since the token; undefined without token, or where that is no longer known. */
function changesSince({ hypervisor }: Context, token: string): Change[] | undefined {
  const [id, revision] = token.split(":");
  return id === hypervisor.id ? hypervisor.inventory.journal.since(Number(revision)) : undefined;
}

/** Every machine once. Without a token: who breaks off in the middle has to begin again. */
function* snapshot({ hypervisor }: Context, request: WatchVMsRequest): Generator<WatchVMsResponse> {
  let page: Machine[] = [];
  do {
    page = hypervisor.inventory.after(page.at(-1)?.sequence ?? 0, chunk);
    for (const machine of page) {
      if (!machine.marker && !request.includeUnowned) continue;
      yield upsert(observe(hypervisor, machine, request.view), "");
    }
  } while (page.length > 0);
}

/** One message per machine that changed: it tells what is, not what was. */
function* events(
  { hypervisor }: Context,
  { view, includeUnowned }: WatchVMsRequest,
  changes: readonly Change[],
  token: (revision: number) => string,
): Generator<WatchVMsResponse> {
  for (const { id, name, ownerBefore, revision } of collapse(changes)) {
    const machine = hypervisor.inventory.get(id);
    if (machine && (includeUnowned || machine.marker)) {
      yield upsert(observe(hypervisor, machine, view), token(revision));
    } else if (includeUnowned || ownerBefore) {
      const vm = observeGone(id, name, ownerBefore);
      yield { type: WatchEventType.DELETED, resumeToken: token(revision), vm };
    }
  }
}

/** The last change of each machine, in order, with the owner that any of its changes knew. */
function collapse(changes: readonly Change[]): Iterable<Change> {
  const last = new Map<string, Change>();
  for (const change of changes) {
    const ownerBefore = change.ownerBefore ?? last.get(change.id)?.ownerBefore;
    // Deleted first, so that the map's order is the order of the last changes and a resume token skips nothing.
    last.delete(change.id);
    last.set(change.id, { ...change, ownerBefore });
  }
  return last.values();
}

function tooSlow(): Fault {
  const message = "the reader is slower than the changes; watch again and read faster";
  return new Fault(status.RESOURCE_EXHAUSTED, "WATCH_TOO_SLOW", message);
}

function upsert(vm: VM, resumeToken: string): WatchVMsResponse {
  return { type: WatchEventType.UPSERT, resumeToken, vm };
}
