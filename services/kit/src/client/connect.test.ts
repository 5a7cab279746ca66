import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "@jest/globals";
import {
  GetInfoResponse,
  GracefulTimeoutPolicy,
  PowerAction,
  SetPowerResponse,
  View,
  WatchVMsResponse,
} from "@virtrigaud/proto";
import { ProviderError } from "../errors/provider-error.ts";
import type { Routes } from "../serve/routes.ts";
import { startDaemon, stopAll } from "../testing/daemon.ts";
import { createGate, eventually } from "../testing/eventually.ts";
import { connectProvider, type ProviderConnection } from "./connect.ts";

afterEach(stopAll);

const UID = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";

/** Routes whose GetInfo and SetPower fail so often with this code before they succeed. */
function failing(times: number, code: status, retryAfterMs?: number) {
  const calls: number[] = [];
  const attempt = () => {
    calls.push(Date.now());
    if (calls.length <= times) {
      throw new ProviderError({
        code,
        reason: "TEST",
        message: "not now",
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
  };
  const routes: Routes = {
    getInfo: async () => {
      attempt();
      return GetInfoResponse.create({ provider: "t" });
    },
    setPower: async () => {
      attempt();
      return SetPowerResponse.create();
    },
  };
  return { calls, routes };
}

const power = (connection: ProviderConnection, action: PowerAction) =>
  connection.setPower({
    uid: UID,
    action,
    gracefulTimeoutSeconds: 0,
    onGracefulTimeout: GracefulTimeoutPolicy.UNSPECIFIED,
    overrideNestedGuard: false,
  });

describe("retries", () => {
  test.each([status.UNAVAILABLE, status.ABORTED, status.RESOURCE_EXHAUSTED])(
    "follow code %s",
    async (code) => {
      const { calls, routes } = failing(2, code);
      const connection = await (await startDaemon(routes)).connect({ retries: 4 });
      expect((await connection.getInfo({})).provider).toBe("t");
      expect(calls).toHaveLength(3);
    },
  );

  test.each([status.INTERNAL, status.NOT_FOUND, status.FAILED_PRECONDITION, status.DEADLINE_EXCEEDED])(
    "do not follow code %s",
    async (code) => {
      const { calls, routes } = failing(1, code);
      const connection = await (await startDaemon(routes)).connect({ retries: 4 });
      await expect(connection.getInfo({})).rejects.toMatchObject({ code, reason: "TEST" });
      expect(calls).toHaveLength(1);
    },
  );

  test("end with the last error", async () => {
    const { calls, routes } = failing(9, status.UNAVAILABLE);
    const connection = await (await startDaemon(routes)).connect({ retries: 2 });
    await expect(connection.getInfo({})).rejects.toMatchObject({ codeName: "UNAVAILABLE", reason: "TEST" });
    expect(calls).toHaveLength(3);
  });

  test("wait as long as RetryInfo says", async () => {
    const { calls, routes } = failing(1, status.ABORTED, 700);
    const connection = await (await startDaemon(routes)).connect({ retries: 4 });
    await connection.getInfo({});
    expect(Number(calls[1]) - Number(calls[0])).toBeGreaterThanOrEqual(695);
  });

  test("are given up at once when the deadline leaves no time for them", async () => {
    const { calls, routes } = failing(9, status.ABORTED, 60_000);
    const connection = await (await startDaemon(routes)).connect({ retries: 4 });
    const started = Date.now();
    await expect(connection.getInfo({}, { deadlineMs: 5_000 })).rejects.toMatchObject({
      codeName: "ABORTED",
    });
    expect(calls).toHaveLength(1);
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  test("end with the caller's cancellation", async () => {
    const { routes } = failing(9, status.ABORTED, 60_000);
    const connection = await (await startDaemon(routes)).connect({ retries: 4 });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 100);
    const call = connection.getInfo({}, { signal: cancel.signal, deadlineMs: 120_000 });
    await expect(call).rejects.toMatchObject({
      codeName: "CANCELLED",
      message: "getInfo was cancelled by the caller",
    });
  });

  test("never repeat REBOOT and RESET, but ON", async () => {
    for (const [action, attempts] of [
      [PowerAction.REBOOT, 1],
      [PowerAction.RESET, 1],
      [PowerAction.ON, 2],
    ] as const) {
      const { calls, routes } = failing(1, status.UNAVAILABLE);
      const connection = await (await startDaemon(routes)).connect({ retries: 4 });
      await power(connection, action).catch(() => undefined);
      expect([action, calls.length]).toEqual([action, attempts]);
    }
  });
});

describe("the breaker", () => {
  test("opens after five failures in a row, tries one call, and closes when that succeeds", async () => {
    const { calls, routes } = failing(5, status.UNAVAILABLE);
    const daemon = await startDaemon(routes);
    const connection = await daemon.connect({ breaker: true });
    for (let call = 1; call <= 5; call += 1) {
      await expect(connection.getInfo({})).rejects.toMatchObject({ reason: "TEST" });
    }
    await expect(connection.getInfo({})).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      reason: "PROVIDER_BREAKER_OPEN",
      message: `the provider at ${daemon.address} failed 5 calls in a row; it is tried again in a moment`,
      retryAfterMs: 500,
    });
    expect(calls).toHaveLength(5);
    await eventually(async () => expect((await connection.getInfo({})).provider).toBe("t"));
    expect(calls).toHaveLength(6);
  });

  test("takes every other error for an answer", async () => {
    let count = 0;
    const daemon = await startDaemon({
      getInfo: async () => {
        count += 1;
        const code = count % 5 === 0 ? status.NOT_FOUND : status.UNAVAILABLE;
        throw new ProviderError({ code, reason: "TEST", message: "no" });
      },
    });
    const connection = await daemon.connect({ breaker: true });
    for (let call = 1; call <= 12; call += 1) {
      await expect(connection.getInfo({})).rejects.toMatchObject({ reason: "TEST" });
    }
  });
});

describe("streams", () => {
  const counting: Routes = {
    async *watchVMs({ resumeToken }, { signal }) {
      for (let count = 0; resumeToken === "" || count < Number(resumeToken); count += 1) {
        signal.throwIfAborted();
        yield WatchVMsResponse.create({ resumeToken: String(count) });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      if (resumeToken === "2")
        throw new ProviderError({ code: status.RESOURCE_EXHAUSTED, reason: "SLOW", message: "too slow" });
    },
  };
  const request = (resumeToken: string) => ({ resumeToken, view: View.BASIC, includeUnowned: false });

  test("end, fail with details, and are cancelled by leaving them", async () => {
    const daemon = await startDaemon(counting);
    const connection = await daemon.connect();
    const read = async (resumeToken: string, most = 99) => {
      const seen: string[] = [];
      for await (const event of connection.watchVMs(request(resumeToken))) {
        seen.push(event.resumeToken);
        if (seen.length === most) break;
      }
      return seen;
    };
    expect(await read("3")).toEqual(["0", "1", "2"]);
    await expect(read("2")).rejects.toMatchObject({
      codeName: "RESOURCE_EXHAUSTED",
      reason: "SLOW",
      message: "too slow",
    });
    expect(await read("", 2)).toEqual(["0", "1"]);
    await eventually(() =>
      expect(daemon.lines.filter(({ msg }) => msg === "call").map(({ code }) => code)).toEqual([
        "OK",
        "RESOURCE_EXHAUSTED",
        "CANCELLED",
      ]),
    );
  });

  test("are counted apart from unary calls and bounded", async () => {
    const daemon = await startDaemon(
      { ...counting, getInfo: async () => GetInfoResponse.create() },
      { limits: { maxInFlight: 1, maxQueued: 1, maxStreams: 1 } },
    );
    const connection = await daemon.connect();
    const first = connection.watchVMs(request(""))[Symbol.asyncIterator]();
    await first.next();
    await expect(connection.watchVMs(request(""))[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      codeName: "RESOURCE_EXHAUSTED",
      reason: "TOO_MANY_CALLS",
    });
    await connection.getInfo({});
    await first.return?.();
  });
});

describe("connections", () => {
  test("are opened as calls need them, and all calls get through", async () => {
    const gate = createGate();
    let most = 0;
    let running = 0;
    const daemon = await startDaemon(
      {
        getInfo: async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.opened;
          running -= 1;
          return GetInfoResponse.create({ provider: "t" });
        },
      },
      { limits: { maxInFlight: 500, maxQueued: 8, maxStreams: 8 } },
    );
    const connection = await daemon.connect({ channels: 2 });
    const calls = Array.from({ length: 100 }, () => connection.getInfo({}));
    await eventually(() => expect(running).toBe(32));
    const late = connection.getInfo({}, { deadlineMs: 100 });
    await expect(late).rejects.toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
    gate.open();
    expect(new Set((await Promise.all(calls)).map(({ provider }) => provider))).toEqual(new Set(["t"]));
    expect(most).toBe(32);
  });

  test("that cannot be made name the address", async () => {
    const connection = await connectProvider({ address: "127.0.0.1:1", tls: "insecure", retries: 0 });
    await expect(connection.getInfo({})).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      reason: "",
      message: expect.stringContaining("127.0.0.1:1"),
    });
    connection.close();
  });
});
