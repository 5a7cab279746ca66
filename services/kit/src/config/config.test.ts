import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { ConfigError, parseEnv, readTogether } from "./env.ts";
import { readServeConfig } from "./serve-config.ts";

function problems(read: () => unknown): Record<string, string> {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map((p) => [p.variable, p.message]));
    throw error;
  }
  return {};
}

describe("the serve configuration", () => {
  test("of an empty environment", () => {
    expect(readServeConfig({ LOG_LEVEL: "" })).toEqual({
      listenAddress: "0.0.0.0:9443",
      healthAddress: "0.0.0.0:8080",
      transport: { kind: "tls", directory: "/etc/virtrigaud/tls", allowedSans: [], reloadMs: 10_000 },
      log: { level: "info", format: "json" },
      limits: { maxInFlight: 64, maxQueued: 256, maxStreams: 64 },
      probe: { intervalMs: 5_000, timeoutMs: 10_000 },
      drainMs: 20_000,
    });
  });

  test("of everything set", () => {
    const config = readServeConfig({
      PROVIDER_LISTEN_ADDRESS: "127.0.0.1:0",
      PROVIDER_HEALTH_ADDRESS: ":8081",
      VIRTRIGAUD_TLS_DIR: "/tls",
      VIRTRIGAUD_PROVIDER_ALLOWED_SANS: " a.example, spiffe://b ,",
      LOG_LEVEL: "debug",
      LOG_FORMAT: "text",
      PROVIDER_MAX_IN_FLIGHT: "1",
      PROVIDER_MAX_QUEUED: "2",
      PROVIDER_MAX_STREAMS: "3",
    });
    expect(config).toMatchObject({
      listenAddress: "127.0.0.1:0",
      healthAddress: "0.0.0.0:8081",
      transport: { kind: "tls", directory: "/tls", allowedSans: ["a.example", "spiffe://b"] },
      log: { level: "debug", format: "text" },
      limits: { maxInFlight: 1, maxQueued: 2, maxStreams: 3 },
    });
  });

  test("is plaintext only when asked for", () => {
    expect(readServeConfig({ VIRTRIGAUD_PROVIDER_INSECURE: "true" }).transport).toEqual({
      kind: "plaintext",
    });
    expect(problems(() => readServeConfig({ VIRTRIGAUD_PROVIDER_INSECURE: "yes" }))).toEqual({
      VIRTRIGAUD_PROVIDER_INSECURE: "must be one of true, false",
    });
  });

  test("reports every problem at once, without values", () => {
    const env = {
      PROVIDER_LISTEN_ADDRESS: "9443",
      PROVIDER_HEALTH_ADDRESS: ":99999",
      LOG_LEVEL: "loud",
      PROVIDER_MAX_IN_FLIGHT: "0",
      PROVIDER_MAX_QUEUED: "many",
    };
    expect(problems(() => readServeConfig(env))).toEqual({
      PROVIDER_LISTEN_ADDRESS: 'must be HOST:PORT or :PORT with a port of 0 to 65535, e.g. "0.0.0.0:9443"',
      PROVIDER_HEALTH_ADDRESS: 'must be HOST:PORT or :PORT with a port of 0 to 65535, e.g. "0.0.0.0:8080"',
      LOG_LEVEL: "must be one of trace, debug, info, warn, error",
      PROVIDER_MAX_IN_FLIGHT: "must be a whole number from 1 to 100000, e.g. 64",
      PROVIDER_MAX_QUEUED: "must be a whole number from 1 to 100000, e.g. 256",
    });
  });

  test("refuses an allow-list that plaintext cannot enforce", () => {
    const env = { VIRTRIGAUD_PROVIDER_INSECURE: "true", VIRTRIGAUD_PROVIDER_ALLOWED_SANS: "a" };
    expect(problems(() => readServeConfig(env))).toHaveProperty("VIRTRIGAUD_PROVIDER_ALLOWED_SANS");
  });
});

test("readers are read together and report together", () => {
  const schema = z.object({ PROVIDER_ENDPOINT: z.string("is required: https://HOST/sdk") });
  const readBoth = (env: Record<string, string>) =>
    readTogether({ serve: () => readServeConfig(env), own: () => parseEnv(schema, env) });

  expect(readBoth({ PROVIDER_ENDPOINT: "https://vc/sdk" }).own).toEqual({
    PROVIDER_ENDPOINT: "https://vc/sdk",
  });
  expect(() => readBoth({ LOG_FORMAT: "xml" })).toThrow(
    new Error(
      "the configuration cannot be used\n  LOG_FORMAT: must be one of json, text\n  PROVIDER_ENDPOINT: is required: https://HOST/sdk",
    ),
  );
  expect(() =>
    readTogether({
      broken: () => {
        throw new TypeError("a defect");
      },
    }),
  ).toThrow(TypeError);
});
