import { Client, credentials, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, test } from "@jest/globals";
import { GetInfoResponse, View, WatchVMsResponse } from "@virtrigaud/proto";
import { ProviderError } from "../errors/provider-error.ts";
import { startDaemon, stopAll, type TestDaemon } from "../testing/daemon.ts";
import { createGate, eventually } from "../testing/eventually.ts";

afterEach(stopAll);

const http = async (daemon: TestDaemon, path: string) => {
  const response = await fetch(`http://${daemon.healthAddress}${path}`);
  return { code: response.status, body: await response.text() };
};

describe("health", () => {
  test("follows the probe, with the reason and without what a defect may hold", async () => {
    let failure: Error | undefined = new ProviderError({
      code: status.UNAVAILABLE,
      reason: "HYPERVISOR_UNREACHABLE",
      message: "vCenter at vc.example:443 refuses connections",
    });
    const daemon = await startDaemon(
      {},
      {
        check: async () => {
          if (failure) throw failure;
        },
      },
    );
    const connection = await daemon.connect();

    await eventually(async () =>
      expect(await http(daemon, "/readyz")).toEqual({
        code: 503,
        body: "vCenter at vc.example:443 refuses connections\n",
      }),
    );
    expect(await connection.health()).toBe("NOT_SERVING");
    expect(await http(daemon, "/healthz")).toEqual({ code: 200, body: "ok\n" });
    await expect(connection.waitForServing({ timeoutMs: 100 })).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      reason: "PROVIDER_NOT_SERVING",
      message: `the provider at ${daemon.address} does not serve (NOT_SERVING); its /readyz and log tell why`,
    });

    failure = undefined;
    await connection.waitForServing({ timeoutMs: 2_000 });
    expect(await http(daemon, "/readyz")).toEqual({ code: 200, body: "ok\n" });

    failure = new TypeError("password=hunter2");
    await eventually(async () => {
      const { code, body } = await http(daemon, "/readyz");
      expect(code).toBe(503);
      expect(body).toMatch(/^internal error, see the provider's log, reference [0-9a-f]{12}\n$/);
    });
  });

  test("does not trust a probe that never returns", async () => {
    const daemon = await startDaemon(
      {},
      { check: () => new Promise(() => undefined), probe: { intervalMs: 25, timeoutMs: 50 } },
    );
    await eventually(async () =>
      expect(await http(daemon, "/readyz")).toEqual({
        code: 503,
        body: "the hypervisor did not answer a probe within 50 ms\n",
      }),
    );
  });

  test("logs only changes", async () => {
    let probes = 0;
    const daemon = await startDaemon(
      {},
      {
        check: async () => {
          probes += 1;
        },
      },
    );
    await eventually(() => expect(probes).toBeGreaterThan(3));
    expect(daemon.lines.filter(({ msg }) => String(msg).includes("SERVING"))).toHaveLength(1);
  });

  test("exposes the daemon's measures", async () => {
    const daemon = await startDaemon({ getInfo: async () => GetInfoResponse.create() });
    await (await daemon.connect()).getInfo({});
    const { body } = await http(daemon, "/metrics");
    expect(body).toMatch(/^virtrigaud_provider_rpc_requests_total\{method="GetInfo",code="OK"\} 1$/m);
    expect(body).toMatch(/^virtrigaud_provider_rpc_duration_seconds_count\{method="GetInfo"\} 1$/m);
    expect(body).toMatch(/^virtrigaud_provider_rpc_in_flight\{kind="stream"\} 0$/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });
});

describe("reflection", () => {
  test.each(["v1", "v1alpha"])("%s lists the services and describes the contract", async (version) => {
    const daemon = await startDaemon({});
    const ask = await reflectionClient(daemon.address, version);
    const services = await ask({ listServices: "" });
    expect(services).toMatchObject({
      listServicesResponse: {
        service: [{ name: "virtrigaud.provider.v1.Provider" }, { name: "grpc.health.v1.Health" }],
      },
    });
    const file = await ask({ fileContainingSymbol: "virtrigaud.provider.v1.VMSpec" });
    expect(file).toHaveProperty("fileDescriptorResponse.fileDescriptorProto");
  });
});

describe("stopping", () => {
  test("reports NOT_SERVING, ends streams at once, lets calls finish, refuses new ones", async () => {
    const gate = createGate();
    let probes = 0;
    const daemon = await startDaemon(
      {
        getInfo: async (_request, { signal }) => {
          await gate.opened;
          return GetInfoResponse.create({ provider: signal.aborted ? "aborted" : "finished" });
        },
        async *watchVMs(_request, { signal }) {
          yield WatchVMsResponse.create({ resumeToken: "1" });
          await untilAborted(signal);
        },
      },
      {
        check: async (signal) => {
          if (probes++ > 0) await untilAborted(signal);
        },
      },
    );
    const connection = await daemon.connect();
    const call = connection.getInfo({});
    const stream = connection
      .watchVMs({ resumeToken: "", view: View.BASIC, includeUnowned: false })
      [Symbol.asyncIterator]();
    expect(await stream.next()).toMatchObject({ value: { resumeToken: "1" } });

    const ended = expect(stream.next()).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      reason: "PROVIDER_STOPPING",
    });
    const late = await daemon.connect();
    // A probe that ends with the daemon must not speak after it.
    await eventually(() => expect(probes).toBe(2));
    daemon.terminate();
    await ended;
    expect(await http(daemon, "/readyz")).toEqual({ code: 503, body: "the daemon is stopping\n" });
    await expect(late.getInfo({})).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
    gate.open();
    expect((await call).provider).toBe("finished");
    await daemon.closed;
    await expect(fetch(`http://${daemon.healthAddress}/healthz`)).rejects.toThrow();
  });

  test("aborts what goes on for too long", async () => {
    const daemon = await startDaemon(
      {
        getInfo: (_request, { signal }) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      },
      { drainMs: 100 },
    );
    const connection = await daemon.connect();
    const failed = expect(connection.getInfo({})).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      reason: "PROVIDER_STOPPING",
    });
    await eventually(async () =>
      expect(await daemon.registry.metrics()).toContain('rpc_in_flight{kind="unary"} 1'),
    );
    daemon.terminate();
    await failed;
    await daemon.closed;
  });
});

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

async function reflectionClient(address: string, version: string) {
  const path = new URL(import.meta.resolve("@grpc/reflection")).pathname.replace(
    /src\/.*/,
    `proto/grpc/reflection/${version}/reflection.proto`,
  );
  const definition = loadSync(path, { oneofs: true });
  const service = definition[`grpc.reflection.${version}.ServerReflection`] as unknown as {
    ServerReflectionInfo: {
      path: string;
      requestSerialize: (value: object) => Buffer;
      responseDeserialize: (wire: Buffer) => object;
    };
  };
  const { path: method, requestSerialize, responseDeserialize } = service.ServerReflectionInfo;
  return (request: object) =>
    new Promise<object>((resolve, reject) => {
      const client = new Client(address, credentials.createInsecure());
      const stream = client.makeBidiStreamRequest(method, requestSerialize, responseDeserialize);
      stream.on("data", (response: object) => {
        stream.end();
        client.close();
        resolve(response);
      });
      stream.on("error", reject);
      stream.write(request);
    });
}
