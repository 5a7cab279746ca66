import { describe, expect, test } from "@jest/globals";
import { status } from "@grpc/grpc-js";
import { type Operation, OperationState } from "@virtrigaud/proto";
import { failedPrecondition, violation } from "./errors/provider-error.ts";
import type { JobContext } from "./jobs.ts";
import { Jobs } from "./jobs.ts";
import { eventually } from "./testing/eventually.ts";

const ended = async (jobs: Jobs, { name }: Operation): Promise<Operation> => {
  await eventually(() => expect(jobs.get(name).state).not.toBe(OperationState.RUNNING));
  return jobs.get(name);
};

const untilAborted = ({ signal }: JobContext) =>
  new Promise<undefined>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error)),
  );

describe("Jobs", () => {
  test("work is an operation with progress that never falls, and a result", async () => {
    const jobs = new Jobs();
    const seen: (number | undefined)[] = [];
    const started = jobs.start({
      key: "image",
      description: "import image",
      run: async ({ progress }) => {
        for (const percent of [10.7, 5, 200]) {
          progress(percent);
          seen.push(jobs.running("image")?.progressPercent);
        }
        await Promise.resolve();
        return { $case: "hosts", value: { hosts: [] } };
      },
    });
    expect(started).toMatchObject({ state: OperationState.RUNNING, description: "import image" });
    expect(await ended(jobs, started)).toMatchObject({
      state: OperationState.SUCCEEDED,
      progressPercent: 100,
      result: { $case: "hosts", value: { hosts: [] } },
      error: undefined,
    });
    expect(seen).toEqual([10, 10, 100]);
    expect(jobs.running("image")).toBeUndefined();
  });

  test("work of the same key is joined while it is under way, and made anew afterwards", async () => {
    const jobs = new Jobs();
    let runs = 0;
    const job = { key: "k", description: "d", run: async () => void (runs += 1) };
    const [first, second] = [jobs.start(job), jobs.start(job)];
    expect(second.name).toBe(first.name);
    await ended(jobs, first);
    await ended(jobs, jobs.start(job));
    expect(runs).toBe(2);
  });

  test("a failure is what the call would have answered, a defect is told to the log alone", async () => {
    const defects: unknown[] = [];
    const jobs = new Jobs((error) => defects.push(error.cause));
    const refused = jobs.start({
      key: "refused",
      description: "d",
      run: () => Promise.reject(failedPrecondition([violation("spec.image", "IMAGE_REFUSED", "no")])),
    });
    const secret = new Error("token=hunter2");
    const broken = jobs.start({ key: "broken", description: "d", run: () => Promise.reject(secret) });
    expect(await ended(jobs, refused)).toMatchObject({
      state: OperationState.FAILED,
      error: { code: status.FAILED_PRECONDITION, reason: "IMAGE_REFUSED" },
    });
    expect(JSON.stringify(await ended(jobs, broken))).not.toContain("hunter2");
    expect(defects).toEqual([secret]);
  });

  test("cancelling ends it; one that ended stays as it is", async () => {
    const jobs = new Jobs();
    const running = jobs.start({ key: "a", description: "d", run: untilAborted });
    expect(await jobs.cancel(running.name)).toMatchObject({
      state: OperationState.CANCELLED,
      error: { code: status.CANCELLED, reason: "CANCELLED" },
    });
    const done = await ended(jobs, jobs.start({ key: "b", description: "d", run: async () => undefined }));
    expect(await jobs.cancel(done.name)).toEqual(done);
  });

  test("settling waits for work that ends soon, and neither for other work nor for a caller that left", async () => {
    const jobs = new Jobs();
    const { signal } = new AbortController();
    const quick = jobs.start({ key: "a", description: "d", run: async () => undefined });
    const slow = jobs.start({ key: "b", description: "d", run: untilAborted });
    expect((await jobs.settle(quick, 10_000, signal)).state).toBe(OperationState.SUCCEEDED);
    expect((await jobs.settle(slow, 20, signal)).state).toBe(OperationState.RUNNING);
    await expect(jobs.settle(slow, 10_000, AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
    await jobs.close();
  });

  test("closing and another daemon answer INTERRUPTED", async () => {
    const [before, after] = [new Jobs(), new Jobs()];
    const { name } = before.start({ key: "a", description: "import image", run: untilAborted });
    const interrupted = {
      state: OperationState.FAILED,
      description: "import image",
      error: { reason: "INTERRUPTED" },
    };
    expect(after.get(name)).toMatchObject(interrupted);
    await before.close();
    expect(before.get(name)).toMatchObject(interrupted);
  });

  test("ended jobs are forgotten, the oldest first, running ones never", async () => {
    const jobs = new Jobs();
    const running = jobs.start({ key: "running", description: "d", run: untilAborted });
    const names: string[] = [];
    for (let index = 0; index < 1_001; index += 1) {
      const { name } = jobs.start({ key: `k${index}`, description: "d", run: async () => undefined });
      names.push(name);
    }
    await eventually(() => expect(jobs.get(names[1_000]!).state).toBe(OperationState.SUCCEEDED));
    expect(() => jobs.get(names[0]!)).toThrow(expect.objectContaining({ reason: "OPERATION_NOT_FOUND" }));
    expect(jobs.get(running.name).state).toBe(OperationState.RUNNING);
    await jobs.close();
  });
});
