import { setMaxListeners } from "node:events";
import { isStream, type Request, type Response, RPCS, type StreamRpc, type UnaryRpc } from "../rpc.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type CallLimits, callStream, callUnary } from "./calls.ts";
import { type ChannelPool, createChannelPool } from "./channel-pool.ts";
import { type ClientTls, openExit } from "./credentials.ts";
import { checkHealth, type ServingStatus, waitForServing } from "./health.ts";
import { mayRepeat, withRetries } from "./retry.ts";

/** Which provider and how. */
export interface ConnectOptions {
  /** "host:port", "dns:///host:port" or "unix:///path". */
  readonly address: string;
  readonly tls: ClientTls;
  /** How many connections at most; 4 without it. */
  readonly channels?: number;
  /** How often a call is repeated after UNAVAILABLE, ABORTED or RESOURCE_EXHAUSTED; 4 without it, 0 to see every answer. */
  readonly retries?: number;
  /** Whether to stop calling a provider that fails; true without it. */
  readonly breaker?: boolean;
}

/** When to give one call up. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds from now, over all attempts; 30,000 without it for unary calls, none for streams. */
  readonly deadlineMs?: number;
}

/** The contract's RPCs as methods. @throws ProviderCallError from each. */
export type ProviderCalls = {
  readonly [K in UnaryRpc]: (request: Request<K>, options?: CallOptions) => Promise<Response<K>>;
} & {
  readonly [K in StreamRpc]: (request: Request<K>, options?: CallOptions) => AsyncIterable<Response<K>>;
};

/** A provider within reach. */
export interface ProviderConnection extends ProviderCalls {
  readonly address: string;
  /** What grpc.health.v1 answers now; without retries and breaker. */
  health(options?: CallOptions): Promise<ServingStatus>;
  /** Waits until it answers SERVING. @throws ProviderCallError UNAVAILABLE PROVIDER_NOT_SERVING, or PERMISSION_DENIED at once. */
  waitForServing(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<void>;
  /** Ends the connections; calls under way fail. */
  close(): void;
}

const DEADLINE_MS = 30_000;
const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/**
 * Gets ready to call a provider; connections are made as calls need them.
 * @throws Error when the TLS files cannot be used, naming the file.
 */
export async function connectProvider(options: ConnectOptions): Promise<ProviderConnection> {
  const { address, retries = 4, channels = 4 } = options;
  const { credentials, channelOptions, stop } = await openExit(address, options.tls);
  const pool = createChannelPool({ address, credentials, channels, channelOptions });
  const closing = new AbortController();
  // Every call under way listens; that many are no leak.
  setMaxListeners(0, closing.signal);
  const limits: Bounds = ({ signal = NEVER, deadlineMs }, fallbackMs) => ({
    signal,
    closing: closing.signal,
    deadline: Date.now() + (deadlineMs ?? fallbackMs),
  });
  const breaker: Breaker = options.breaker === false ? (_rpc, attempt) => attempt() : createBreaker(address);
  return {
    ...providerCalls(pool, breaker, retries, limits),
    address,
    health: (call = {}) => checkHealth(pool.least(), limits(call, DEADLINE_MS)),
    waitForServing: ({ timeoutMs, ...call }) =>
      waitForServing(pool.least(), address, limits(call, timeoutMs)),
    close() {
      stop();
      closing.abort();
      pool.close();
    },
  };
}

type Bounds = (options: CallOptions, fallbackMs: number) => CallLimits;

function providerCalls(pool: ChannelPool, breaker: Breaker, retries: number, limits: Bounds): ProviderCalls {
  const unary =
    <K extends UnaryRpc>(rpc: K) =>
    (request: Request<K>, options: CallOptions = {}): Promise<Response<K>> => {
      const bounds = limits(options, DEADLINE_MS);
      const attempt = () =>
        pool.run((client) => breaker(rpc, () => callUnary(client, rpc, request, bounds)), bounds);
      return withRetries(rpc, attempt, { ...bounds, retries: mayRepeat(rpc, request) ? retries : 0 });
    };
  const stream =
    <K extends StreamRpc>(rpc: K) =>
    (request: Request<K>, options: CallOptions = {}) =>
      callStream(pool.least(), rpc, request, limits(options, Number.POSITIVE_INFINITY));
  const calls: unknown = Object.fromEntries(
    RPCS.map((rpc) => [rpc, isStream(rpc) ? stream(rpc) : unary(rpc)]),
  );
  return calls as ProviderCalls;
}
