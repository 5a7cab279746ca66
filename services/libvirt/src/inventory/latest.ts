import type { Change } from "./journal.ts";

/** The last change of each VM, in order, with the owner that any of its changes knew. */
export function latest(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    const ownerBefore = change.ownerBefore ?? last.get(change.id)?.ownerBefore;
    // Deleted first, so that the order is that of the last changes, and resuming after any of them skips nothing.
    last.delete(change.id);
    last.set(change.id, { ...change, ownerBefore });
  }
  return [...last.values()];
}
