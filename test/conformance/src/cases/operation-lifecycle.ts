import { type Operation, OperationState } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectError, expectPresent } from "../expect.ts";
import { startCreate } from "../start-create.ts";

export const operationLifecycle: Case = {
  id: "operation-lifecycle",
  title: "An operation is watched to its end, and done stays done",
  contract:
    "provider.proto, WatchOperation: An operation as it is now and after each change; the stream ends after it is done.",
  needs: [],
  async run(context) {
    const { provider, signal } = context;
    const { operation: started } = await startCreate(context);
    expect(Buffer.byteLength(started.name) <= 1024, "operation.name: expected at most 1,024 bytes");
    const seen = await watch(context, started.name);
    const last = expectPresent(seen.at(-1), "last message of WatchOperation");
    expectEqual(last.state, OperationState.SUCCEEDED, "state in the last message");
    expect(
      seen.slice(0, -1).every((message) => message.state === OperationState.RUNNING),
      "states before the last message: expected RUNNING only",
    );
    const progress = seen.flatMap(({ progressPercent }) => progressPercent ?? []);
    expectEqual(
      progress,
      [...progress].sort((a, b) => a - b),
      "progress_percent, never falling",
    );

    const read = async () => (await provider.getOperation({ name: started.name }, { signal })).operation;
    const done = await read();
    expectEqual(done?.state, OperationState.SUCCEEDED, "state as read after the end");
    expectEqual(done?.error, undefined, "error of a success");
    expectEqual(await read(), done, "operation as read again");

    const code = [status.INVALID_ARGUMENT, status.NOT_FOUND];
    const unknown = provider.getOperation({ name: "no-such-operation" }, { signal });
    await expectError(unknown, { code }, "GetOperation of an unknown name");
    await expectError(watch(context, "no-such-operation"), { code }, "WatchOperation of an unknown name");
  },
};

async function watch({ provider, signal }: CaseContext, name: string): Promise<Operation[]> {
  const seen: Operation[] = [];
  for await (const { operation } of provider.watchOperation({ name }, { signal })) {
    seen.push(expectPresent(operation, "WatchOperationResponse.operation"));
  }
  return seen;
}
