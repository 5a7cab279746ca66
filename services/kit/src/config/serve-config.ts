import { z } from "zod";
import { type Env, parseEnv } from "./env.ts";

/** What every provider daemon needs to know before it can serve. Durations are in milliseconds. */
export interface ServeConfig {
  /** "host:port" of the gRPC server; port 0 takes a free one. */
  readonly listenAddress: string;
  /** "host:port" of /healthz, /readyz and /metrics; port 0 takes a free one. */
  readonly healthAddress: string;
  readonly transport: Transport;
  readonly log: LogConfig;
  readonly limits: Limits;
  /** How often the hypervisor is probed, and how long one probe may take. */
  readonly probe: { readonly intervalMs: number; readonly timeoutMs: number };
  /** How long calls in flight may go on after the daemon was told to stop. */
  readonly drainMs: number;
}

/** How callers reach the daemon. */
export type Transport =
  | {
      readonly kind: "tls";
      /** Holds tls.crt, tls.key and ca.crt. */
      readonly directory: string;
      /** Subject alternative names that may call, without "DNS:" or "URI:"; empty: any certificate of the CA. */
      readonly allowedSans: readonly string[];
      /** How often the files are looked at for rotation. */
      readonly reloadMs: number;
    }
  | { readonly kind: "plaintext" };

/** What is logged and how: "json" to stdout, "text" for people to stderr. */
export interface LogConfig {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
}

/** How much is done at once. */
export interface Limits {
  /** Unary calls in flight. */
  readonly maxInFlight: number;
  /** Unary calls that may wait for that, over all callers. */
  readonly maxQueued: number;
  /** Open streams. */
  readonly maxStreams: number;
}

const address = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .refine(isAddress, `must be HOST:PORT or :PORT with a port of 0 to 65535, e.g. "${fallback}"`)
    .transform((text) => (text.startsWith(":") ? `0.0.0.0${text}` : text));

const count = (fallback: number) => {
  const message = `must be a whole number from 1 to 100000, e.g. ${fallback}`;
  return z
    .string()
    .default(String(fallback))
    .refine((text) => /^[0-9]{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= 100_000, message)
    .transform(Number);
};

const oneOf = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.enum(values, `must be one of ${values.join(", ")}`).default(fallback as never);

const variables = z
  .object({
    PROVIDER_LISTEN_ADDRESS: address("0.0.0.0:9443"),
    PROVIDER_HEALTH_ADDRESS: address("0.0.0.0:8080"),
    VIRTRIGAUD_TLS_DIR: z.string().default("/etc/virtrigaud/tls"),
    VIRTRIGAUD_PROVIDER_ALLOWED_SANS: z
      .string()
      .default("")
      .transform((text) =>
        text
          .split(",")
          .map((san) => san.trim())
          .filter((san) => san !== ""),
      ),
    VIRTRIGAUD_PROVIDER_INSECURE: oneOf(["true", "false"], "false"),
    LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error"], "info"),
    LOG_FORMAT: oneOf(["json", "text"], "json"),
    PROVIDER_MAX_IN_FLIGHT: count(64),
    PROVIDER_MAX_QUEUED: count(256),
    PROVIDER_MAX_STREAMS: count(64),
  })
  .refine(
    (env) =>
      env.VIRTRIGAUD_PROVIDER_INSECURE === "false" || env.VIRTRIGAUD_PROVIDER_ALLOWED_SANS.length === 0,
    {
      path: ["VIRTRIGAUD_PROVIDER_ALLOWED_SANS"],
      message:
        "cannot be enforced while VIRTRIGAUD_PROVIDER_INSECURE=true switches TLS off; unset one of the two",
    },
  );

/**
 * Reads what every daemon has in common from the environment.
 * @throws ConfigError with every problem at once.
 */
export function readServeConfig(env: Env): ServeConfig {
  const read = parseEnv(variables, env);
  return {
    listenAddress: read.PROVIDER_LISTEN_ADDRESS,
    healthAddress: read.PROVIDER_HEALTH_ADDRESS,
    transport:
      read.VIRTRIGAUD_PROVIDER_INSECURE === "true"
        ? { kind: "plaintext" }
        : {
            kind: "tls",
            directory: read.VIRTRIGAUD_TLS_DIR,
            allowedSans: read.VIRTRIGAUD_PROVIDER_ALLOWED_SANS,
            reloadMs: 10_000,
          },
    log: { level: read.LOG_LEVEL, format: read.LOG_FORMAT },
    limits: {
      maxInFlight: read.PROVIDER_MAX_IN_FLIGHT,
      maxQueued: read.PROVIDER_MAX_QUEUED,
      maxStreams: read.PROVIDER_MAX_STREAMS,
    },
    probe: { intervalMs: 5_000, timeoutMs: 10_000 },
    // Kubernetes kills after 30 seconds; what is left of them is for closing sessions on the hypervisor.
    drainMs: 20_000,
  };
}

function isAddress(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^:\s]*):([0-9]{1,5})$/.exec(text);
  return match !== null && Number(match[1]) <= 65_535;
}
