import { Feature, WatchEventType } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expect, expectEqual } from "../expect.ts";
import { WatchReader } from "../watch-reader.ts";

export const watchResume: Case = {
  id: "watch-resume",
  title: "WatchVMs with a resume token brings what changed since, or says RESET and brings a full snapshot",
  contract:
    "provider.proto, WatchVMs: With a resume token … RESET and the snapshot are replaced by what changed since.",
  needs: [Feature.WATCH],
  async run(context) {
    const { operationMs } = context.fixture.timeouts;
    const keeper = await context.create(context.spec());
    const goingUid = context.uid();
    const going = await context.create(context.spec(), goingUid);
    const before = new WatchReader(context);
    const { resumeToken } = await before.synced(operationMs).finally(() => before.close());
    expect(resumeToken !== "", "resume_token of SYNCED: expected one, got nothing");

    const fresh = await context.create(context.spec());
    await context.delete(goingUid);
    const after = new WatchReader(context, resumeToken);
    await after.synced(operationMs).finally(() => after.close());
    const told = (id: string) => after.messages.filter(({ vm }) => vm?.id === id).map(({ type }) => type);
    expect(
      told(fresh.id).includes(WatchEventType.UPSERT),
      "the VM made meanwhile: expected UPSERT, got none",
    );
    expect(
      !told(going.id).includes(WatchEventType.UPSERT),
      "the VM deleted meanwhile: expected no UPSERT, got one",
    );
    const isReset = after.messages[0]?.type === WatchEventType.RESET;
    // A snapshot holds the VM that did not change; what changed since does not.
    expectEqual(
      told(keeper.id),
      isReset ? [WatchEventType.UPSERT] : [],
      "messages about the VM that did not change",
    );
    if (isReset) return;
    expectEqual(told(going.id), [WatchEventType.DELETED], "messages about the VM deleted meanwhile");
  },
};
