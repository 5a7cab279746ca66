import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "@jest/globals";
import { DeleteVMResponse, EnsureState, Operation, OperationState } from "@virtrigaud/proto";
import { ProviderError } from "../errors/provider-error.ts";
import { toOperationError } from "../errors/operation-error.ts";
import type { Routes } from "../serve/routes.ts";
import { startDaemon, stopAll } from "../testing/daemon.ts";
import { watchOperation } from "../watch-operation.ts";
import { untilComplete, waitForOperation } from "./operations.ts";

afterEach(stopAll);

const UID = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
const running = (progressPercent: number) =>
  Operation.create({ name: "op", description: "create VM", state: OperationState.RUNNING, progressPercent });
const succeeded = Operation.create({ name: "op", state: OperationState.SUCCEEDED });

/** Answers GetOperation from a list, then its last entry for ever. */
function answering(answers: (Operation | ProviderError)[]): Routes {
  let at = 0;
  const getOperation = async () => {
    const answer = answers[Math.min(at, answers.length - 1)];
    at += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    getOperation: async () => ({ operation: await getOperation() }),
    watchOperation: ({ name }, context) =>
      watchOperation(async () => (await getOperation()) ?? succeeded, name, context),
  };
}

const unavailable = new ProviderError({
  code: status.UNAVAILABLE,
  reason: "SESSION_LOST",
  message: "session lost",
});

describe("waitForOperation", () => {
  test("reads until the operation is done, through an unreachable provider", async () => {
    const connection = await (
      await startDaemon(answering([running(10), unavailable, running(60), succeeded]))
    ).connect();
    const progress: unknown[] = [];
    const done = await waitForOperation(connection, running(0), {
      onProgress: (one) => progress.push(one.progressPercent),
    });
    expect(done).toEqual(succeeded);
    expect(progress).toEqual([0, 10, 10, 60, undefined]);
  });

  test("throws the operation's own error as the call would have", async () => {
    const error = toOperationError(
      new ProviderError({
        code: status.RESOURCE_EXHAUSTED,
        reason: "DISK_SPACE",
        message: "datastore ds1 is full",
        metadata: { datastore: "ds1" },
      }),
    );
    const failed = Operation.create({
      name: "op",
      description: "create VM",
      state: OperationState.FAILED,
      error,
    });
    const connection = await (await startDaemon(answering([failed]))).connect();
    await expect(waitForOperation(connection, running(0))).rejects.toMatchObject({
      name: "ProviderCallError",
      codeName: "RESOURCE_EXHAUSTED",
      reason: "DISK_SPACE",
      message: "datastore ds1 is full",
      metadata: { datastore: "ds1" },
      rpc: "create VM",
    });
  });

  test("gives up after its time, leaving the operation alone", async () => {
    const connection = await (await startDaemon(answering([running(5)]))).connect();
    await expect(waitForOperation(connection, running(0), { timeoutMs: 150 })).rejects.toMatchObject({
      codeName: "DEADLINE_EXCEEDED",
      reason: "OPERATION_TIMEOUT",
      message: "create VM is still under way; it goes on without being waited for",
      metadata: { operation: "op" },
    });
  });

  test("ends with the caller's cancellation", async () => {
    const connection = await (await startDaemon(answering([running(5)]))).connect();
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 100);
    await expect(waitForOperation(connection, running(0), { signal: cancel.signal })).rejects.toMatchObject({
      codeName: "CANCELLED",
    });
  });
});

describe("untilComplete", () => {
  const notFound = new ProviderError({
    code: status.NOT_FOUND,
    reason: "OPERATION_UNKNOWN",
    message: "forgotten",
  });
  const interrupted = Operation.create({
    name: "op",
    state: OperationState.FAILED,
    error: {
      code: status.UNAVAILABLE,
      reason: "INTERRUPTED",
      message: "restarted",
      metadata: {},
      violations: [],
    },
  });
  const raceLost = Operation.create({
    ...interrupted,
    error: {
      code: status.ABORTED,
      reason: "LOST_RACE",
      message: "another call",
      metadata: {},
      violations: [],
    },
  });
  const failed = Operation.create({
    name: "op",
    state: OperationState.FAILED,
    error: {
      code: status.FAILED_PRECONDITION,
      reason: "CAPACITY",
      message: "no host",
      metadata: {},
      violations: [],
    },
  });

  async function run(answer: Operation | ProviderError, steps = 3) {
    let calls = 0;
    const daemon = await startDaemon({
      ...answering([answer]),
      deleteVm: async () => {
        calls += 1;
        if (calls === steps) return DeleteVMResponse.create({ state: EnsureState.COMPLETE });
        return DeleteVMResponse.create({ state: EnsureState.IN_PROGRESS, operation: running(0) });
      },
    });
    const connection = await daemon.connect();
    const outcome = await untilComplete(connection, (options) =>
      connection.deleteVm({ uid: UID, retainDisks: false }, options),
    ).then(
      ({ state }) => state,
      (error: { reason: string }) => error.reason,
    );
    return { outcome, calls };
  }

  test.each([
    ["a done operation", succeeded],
    ["an operation nobody remembers", notFound],
    ["an operation that a restart interrupted", interrupted],
    ["an operation that lost a race", raceLost],
  ])("calls again after %s", async (_what, answer) => {
    expect(await run(answer)).toEqual({ outcome: EnsureState.COMPLETE, calls: 3 });
  });

  test("ends with a failed operation's error", async () => {
    expect(await run(failed)).toEqual({ outcome: "CAPACITY", calls: 1 });
  });

  test("does not spin where a provider's operations are done at once and nothing comes of them", async () => {
    let calls = 0;
    const daemon = await startDaemon({
      deleteVm: async () => {
        calls += 1;
        const operation = { ...succeeded, name: `op-${calls}` };
        return { state: EnsureState.IN_PROGRESS, operation };
      },
    });
    const connection = await daemon.connect();
    const call = untilComplete(
      connection,
      (options) => connection.deleteVm({ uid: UID, retainDisks: false }, options),
      { timeoutMs: 200 },
    );
    await expect(call).rejects.toMatchObject({ reason: "OPERATION_TIMEOUT" });
    expect(calls).toBeLessThanOrEqual(12);
  });

  test("does not wait for a provider that answers IN_PROGRESS without operation", async () => {
    const daemon = await startDaemon({
      deleteVm: async () => DeleteVMResponse.create({ state: EnsureState.IN_PROGRESS }),
    });
    const connection = await daemon.connect();
    const call = untilComplete(connection, (options) =>
      connection.deleteVm({ uid: UID, retainDisks: false }, options),
    );
    await expect(call).rejects.toMatchObject({ reason: "CONTRACT_VIOLATION" });
  });
});

test("watchOperation serves the operation now, after each change, and ends when it is done", async () => {
  const routes = answering([running(10), running(10), running(60), succeeded]);
  const connection = await (await startDaemon(routes)).connect();
  const seen: unknown[] = [];
  for await (const { operation } of connection.watchOperation({ name: "op" })) seen.push(operation);
  expect(seen).toEqual([running(10), running(60), succeeded]);
});
