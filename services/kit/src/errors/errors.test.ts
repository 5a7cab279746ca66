import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { BadRequest, ErrorInfo, RetryInfo, Status } from "@virtrigaud/proto/google";
import { asProviderError } from "./as-provider-error.ts";
import { toOperationError } from "./operation-error.ts";
import { failedPrecondition, invalidArgument, ProviderError, violation } from "./provider-error.ts";
import { toStatus } from "./status.ts";

const full = new ProviderError({
  code: status.ABORTED,
  reason: "NAME_RACE",
  message: "lost the race for web-1",
  metadata: { name: "web-1" },
  violations: [violation("spec.name", "NAME_RACE", "was taken meanwhile")],
  retryAfterMs: 1_250,
  cause: new Error("native, with password=hunter2"),
});

test("a status carries ErrorInfo, BadRequest and RetryInfo, and nothing of the cause", () => {
  const { code, details, metadata } = toStatus(full);
  const [raw] = metadata.get("grpc-status-details-bin") as Buffer[];
  const wire = Status.decode(raw ?? Buffer.alloc(0));
  expect({ code, details, wire: { code: wire.code, message: wire.message } }).toEqual({
    code: status.ABORTED,
    details: "lost the race for web-1",
    wire: { code: 10, message: "lost the race for web-1" },
  });
  expect(wire.details.map(({ typeUrl }) => typeUrl)).toEqual([
    "type.googleapis.com/google.rpc.ErrorInfo",
    "type.googleapis.com/google.rpc.BadRequest",
    "type.googleapis.com/google.rpc.RetryInfo",
  ]);
  const [info, badRequest, retry] = wire.details.map(({ value }) => value);
  expect(ErrorInfo.decode(info!)).toEqual({
    reason: "NAME_RACE",
    domain: "virtrigaud.io",
    metadata: { name: "web-1" },
  });
  expect(BadRequest.decode(badRequest!)).toEqual({
    fieldViolations: [
      {
        field: "spec.name",
        reason: "NAME_RACE",
        description: "was taken meanwhile",
        localizedMessage: undefined,
      },
    ],
  });
  expect(RetryInfo.decode(retry!)).toEqual({ retryDelay: { seconds: 1, nanos: 250_000_000 } });
  expect(raw?.toString("latin1")).not.toContain("hunter2");
});

test("a message that headers cannot carry is made so", () => {
  const error = new ProviderError({
    code: status.INTERNAL,
    reason: "X",
    message: `\ud800${"ä".repeat(3_000)}`,
  });
  const { details } = toStatus(error);
  expect(() => encodeURI(details)).not.toThrow();
  expect(details).toHaveLength(2_000);
  expect(details.endsWith("ä…")).toBe(true);
});

test("an operation's error is what the call would have answered", () => {
  expect(toOperationError(full)).toEqual({
    code: status.ABORTED,
    reason: "NAME_RACE",
    message: "lost the race for web-1",
    metadata: { name: "web-1" },
    violations: [{ field: "spec.name", reason: "NAME_RACE", description: "was taken meanwhile" }],
  });
  expect(toOperationError(new Error("password=hunter2"))).toEqual({
    code: status.INTERNAL,
    reason: "INTERNAL",
    message: expect.stringMatching(/^internal error, see the provider's log, reference [0-9a-f]{12}$/),
    metadata: { reference: expect.any(String) },
    violations: [],
  });
});

describe("an unknown error", () => {
  test("is kept as the cause, for the log", () => {
    const defect = new TypeError("x is undefined");
    expect(asProviderError(defect).cause).toBe(defect);
  });

  test("stays a defect when the call was not cancelled, even if it is named AbortError", () => {
    const error = new DOMException("aborted", "AbortError");
    expect(asProviderError(error, new AbortController().signal)).toMatchObject({ reason: "INTERNAL" });
  });

  test("stays a defect when it came after a cancellation but not of it", () => {
    expect(asProviderError(new TypeError("x"), AbortSignal.abort(full))).toMatchObject({
      reason: "INTERNAL",
    });
  });

  test("is the cancellation when it came of it, however Node wrapped it", async () => {
    const controller = new AbortController();
    const thrown = [
      sleep(1_000, undefined, { signal: controller.signal }),
      fetch("http://127.0.0.1:1/", { signal: controller.signal }),
    ].map((promise) => promise.catch((error: unknown) => error));
    controller.abort(full);
    for (const error of [full, ...(await Promise.all(thrown)), new Error("outer", { cause: full })]) {
      expect(asProviderError(error, controller.signal)).toBe(full);
    }
  });

  test("is CANCELLED when the signal has no reason of ours", () => {
    const signal = AbortSignal.abort();
    expect(asProviderError(signal.reason, signal)).toMatchObject({
      code: status.CANCELLED,
      reason: "CANCELLED",
    });
  });
});

test("violations make the message and the reason", () => {
  const cpus = violation("spec.cpus", "OUT_OF_RANGE", "must be 1 to 128, not 0");
  const name = violation("spec.name", "REQUIRED", "is required");
  expect(invalidArgument([cpus])).toMatchObject({
    code: status.INVALID_ARGUMENT,
    reason: "OUT_OF_RANGE",
    message: "spec.cpus: must be 1 to 128, not 0",
  });
  expect(invalidArgument([cpus, name])).toMatchObject({
    reason: "INVALID_REQUEST",
    message: "spec.cpus: must be 1 to 128, not 0; spec.name: is required",
    violations: [cpus, name],
  });
  expect(failedPrecondition([violation("", "CAPACITY", "no host has 4 GiB free")])).toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "CAPACITY",
    message: "no host has 4 GiB free",
  });
});
