import { Feature, WatchEventType } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { WatchReader } from "../watch-reader.ts";

/** What a heartbeat may be late by on its way. */
const leewayMs = 2_000;

export const watchHeartbeat: Case = {
  id: "watch-heartbeat",
  title: "WatchVMs is never silent for longer than 30 seconds",
  contract:
    "provider.proto, WatchVMs: HEARTBEAT comes at least every 30 seconds, so that silence means a dead connection.",
  needs: [Feature.WATCH],
  alone: true,
  async run(context) {
    const { heartbeatMs, operationMs } = context.fixture.timeouts;
    const watch = new WatchReader(context);
    try {
      await watch.synced(operationMs);
      // Where others use the hypervisor a change may come in its place; both show that the connection lives.
      const alive = ({ type }: { type: WatchEventType }) =>
        type === WatchEventType.HEARTBEAT ||
        type === WatchEventType.UPSERT ||
        type === WatchEventType.DELETED;
      await watch.until(alive, "HEARTBEAT or a change", heartbeatMs + leewayMs);
    } finally {
      watch.close();
    }
  },
};
