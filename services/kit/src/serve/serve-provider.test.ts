import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "@jest/globals";
import { GetInfoResponse, PlanVMResponse, VMSpec } from "@virtrigaud/proto";
import { ProviderError } from "../errors/provider-error.ts";
import { startDaemon, stopAll } from "../testing/daemon.ts";
import { createGate, eventually } from "../testing/eventually.ts";

afterEach(stopAll);

const UID = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";

describe("a unary call", () => {
  test("reaches its handler with context and is logged once, without its body", async () => {
    const daemon = await startDaemon({
      createVm: async (request, context) => {
        expect(context.deadline?.getTime()).toBeGreaterThan(Date.now());
        throw new ProviderError({
          code: status.ALREADY_EXISTS,
          reason: "NAME_TAKEN",
          message: `the name ${request.spec?.name} is taken in folder /DC0/vm`,
          metadata: { folder: "/DC0/vm" },
          retryAfterMs: 1_500,
        });
      },
    });
    const connection = await daemon.connect();
    const spec = VMSpec.create({
      name: "web-1",
      cpus: 2,
      memoryBytes: 2 ** 30,
      cloudInit: { userData: "password: hunter2" },
    });

    await expect(connection.createVm({ uid: UID, spec, controllerId: "c" })).rejects.toMatchObject({
      name: "ProviderCallError",
      code: status.ALREADY_EXISTS,
      codeName: "ALREADY_EXISTS",
      reason: "NAME_TAKEN",
      message: "the name web-1 is taken in folder /DC0/vm",
      metadata: { folder: "/DC0/vm" },
      violations: [],
      retryAfterMs: 1_500,
      rpc: "createVm",
    });

    const calls = daemon.lines.filter(({ msg }) => msg === "call");
    expect(calls).toEqual([
      {
        level: "info",
        time: expect.any(String),
        rpc: "CreateVM",
        uid: UID,
        vm: "web-1",
        caller: "127.0.0.1",
        code: "ALREADY_EXISTS",
        reason: "NAME_TAKEN",
        ms: expect.any(Number),
        error: "the name web-1 is taken in folder /DC0/vm",
        msg: "call",
      },
    ]);
    expect(JSON.stringify(daemon.lines)).not.toContain("hunter2");
  });

  test("that is not implemented says which RPC tells what is", async () => {
    const connection = await (await startDaemon({})).connect();
    await expect(connection.getConsole({ uid: UID })).rejects.toMatchObject({
      codeName: "UNIMPLEMENTED",
      reason: "FEATURE_UNSUPPORTED",
      message: "GetConsole is not implemented by this provider; GetCapabilities tells what is",
      metadata: { rpc: "GetConsole" },
    });
  });

  test("whose handler has a defect answers with a reference to the log and nothing else", async () => {
    const daemon = await startDaemon({
      getInfo: async () => {
        throw Object.assign(new TypeError("token=abc123 of undefined"), { config: { password: "hunter2" } });
      },
    });
    const connection = await daemon.connect();
    const failure = await connection.getInfo({}).catch((error: Error) => error);

    const line = daemon.lines.find(({ level }) => level === "error");
    expect(failure).toMatchObject({
      codeName: "INTERNAL",
      reason: "INTERNAL",
      message: `internal error, see the provider's log, reference ${String(line?.reference)}`,
    });
    expect(line).toMatchObject({ err: { name: "TypeError", message: "token=abc123 of undefined" } });
    expect(JSON.stringify(line)).not.toContain("hunter2");
  });

  test("that is wrong on its own never reaches the handler and names every violation", async () => {
    const connection = await (
      await startDaemon({ createVm: () => Promise.reject(new Error("reached")) })
    ).connect();
    await expect(connection.createVm({ uid: "X", spec: undefined, controllerId: "" })).rejects.toMatchObject({
      codeName: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
      violations: [
        { field: "uid", reason: "INVALID_UID", description: expect.stringContaining("RFC 4122") },
        { field: "spec", reason: "REQUIRED", description: "is required: what the VM shall be" },
      ],
    });
  });

  test("to PlanVM with a wrong spec is answered with the violations", async () => {
    const connection = await (
      await startDaemon({ planVm: () => Promise.reject(new Error("reached")) })
    ).connect();
    const spec = VMSpec.create({ name: "a", cpus: 0, memoryBytes: 2 ** 20 });
    await expect(connection.planVm({ spec, uid: "" })).resolves.toEqual(
      PlanVMResponse.create({
        violations: [{ field: "spec.cpus", reason: "OUT_OF_RANGE", description: "must be 1 to 128, not 0" }],
      }),
    );
  });

  test("is told of its caller's cancellation and deadline", async () => {
    const reasons: unknown[] = [];
    const daemon = await startDaemon({
      getInfo: (_request, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(new DOMException("aborted", "AbortError"));
          }),
        ),
    });
    const connection = await daemon.connect();

    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const cancelled = connection.getInfo({}, { signal: cancel.signal });
    await expect(cancelled).rejects.toMatchObject({ codeName: "CANCELLED", reason: "CANCELLED" });
    await expect(connection.getInfo({}, { deadlineMs: 50 })).rejects.toMatchObject({
      codeName: "DEADLINE_EXCEEDED",
    });

    await eventually(() => expect(reasons).toHaveLength(2));
    expect(reasons).toMatchObject([{ reason: "CANCELLED" }, { reason: "DEADLINE_EXCEEDED" }]);
    await eventually(() =>
      expect(daemon.lines.filter(({ msg }) => msg === "call")).toMatchObject([
        { code: "CANCELLED" },
        { code: "DEADLINE_EXCEEDED" },
      ]),
    );
  });

  test("beyond what runs and waits is turned away with the knobs to turn", async () => {
    const gate = createGate();
    const daemon = await startDaemon(
      { getInfo: async () => gate.opened.then(() => GetInfoResponse.create({ provider: "t" })) },
      { limits: { maxInFlight: 2, maxQueued: 1, maxStreams: 1 } },
    );
    const connection = await daemon.connect();
    const calls = [1, 2, 3].map(() => connection.getInfo({}));
    await eventually(async () =>
      expect(await daemon.registry.metrics()).toMatch(/virtrigaud_provider_rpc_queued 1/),
    );
    await expect(connection.getInfo({})).rejects.toMatchObject({
      codeName: "RESOURCE_EXHAUSTED",
      reason: "TOO_MANY_CALLS",
      message:
        "2 calls are served and 1 wait; call again later, or raise PROVIDER_MAX_IN_FLIGHT or PROVIDER_MAX_QUEUED",
      retryAfterMs: 1_000,
    });
    gate.open();
    expect((await Promise.all(calls)).map(({ provider }) => provider)).toEqual(["t", "t", "t"]);
    expect(await daemon.registry.metrics()).toMatch(
      /virtrigaud_provider_rpc_requests_total\{method="GetInfo",code="OK"\} 3/,
    );
  });
});
