import { Feature, WatchEventType } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";
import { WatchReader } from "../watch-reader.ts";

export const watchChanges: Case = {
  id: "watch-changes",
  title: "WatchVMs sends RESET, every VM once, SYNCED, then each change, deletions included",
  contract: "provider.proto, WatchVMs: RESET, every VM once, SYNCED, then each change as it happens.",
  needs: [Feature.WATCH],
  async run(context) {
    const { operationMs } = context.fixture.timeouts;
    const old = await context.create(context.spec());
    const watch = new WatchReader(context);
    try {
      await watch.synced(operationMs);
      expectEqual(
        watch.messages[0]?.type,
        WatchEventType.RESET,
        "first message of a stream without resume token",
      );
      const sent = watch.messages.filter(({ vm }) => vm?.id === old.id).map(({ type }) => type);
      expectEqual(sent, [WatchEventType.UPSERT], "messages before SYNCED about a VM that existed");

      const uid = context.uid();
      const made = await context.create(context.spec(), uid);
      const about =
        (type: WatchEventType) => (message: { type: WatchEventType; vm: { id: string } | undefined }) =>
          message.type === type && message.vm?.id === made.id;
      const upsert = await watch.until(about(WatchEventType.UPSERT), "UPSERT of a new VM", operationMs);
      expectEqual(upsert.vm?.owner?.uid, uid, "owner in UPSERT");
      await context.delete(uid);
      const deleted = await watch.until(about(WatchEventType.DELETED), "DELETED of the VM", operationMs);
      expectEqual(deleted.vm?.name, made.name, "name in DELETED");
      expectEqual(deleted.vm?.owner?.uid, uid, "owner in DELETED");
    } finally {
      watch.close();
    }
  },
};
