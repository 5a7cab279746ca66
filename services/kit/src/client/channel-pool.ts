import type { ChannelCredentials, ClientOptions } from "@grpc/grpc-js";
import { ProviderClient } from "@virtrigaud/proto";
import { type CallLimits, whenGivenUp } from "./calls.ts";

/** Where and how to connect. */
export interface PoolOptions {
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** How many connections at most; opened as they are needed. */
  readonly channels: number;
  /** What else the channels need to be told. */
  readonly channelOptions: Partial<ClientOptions>;
}

/** Spreads calls over a few connections. */
export interface ChannelPool {
  /** Runs a unary call on the least busy connection, waiting while all are full, but not beyond the call's limits. */
  run<T>(call: (client: ProviderClient) => Promise<T>, limits: CallLimits): Promise<T>;
  /** A connection for a stream, which does not count. */
  least(): ProviderClient;
  close(): void;
}

/**
 * Node's HTTP/2 takes 64 KiB of requests per connection before they are read, and grpc-js's server (1.14) cannot raise that. What
 * does not fit is starved by newer calls: with 32 requests of 1.6 KB on each of four connections the slowest took 450 ms, with 16 40 ms.
 */
const MOST_PER_CHANNEL = 16;

const CHANNEL_OPTIONS: Partial<ClientOptions> = {
  // Otherwise grpc-js shares one connection between all channels of the same address.
  "grpc.use_local_subchannel_pool": 1,
  // The one retry layer is retry.ts.
  "grpc.enable_retries": 0,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 5_000,
};

/** What Node's timers can hold. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Channel {
  readonly client: ProviderClient;
  running: number;
}

/** Opens no connection before the first call. */
export function createChannelPool({
  address,
  credentials,
  channels: most,
  channelOptions,
}: PoolOptions): ChannelPool {
  const options = { ...CHANNEL_OPTIONS, ...channelOptions };
  const channels: Channel[] = [];
  const waiting: (() => void)[] = [];
  const open = (): Channel => {
    const channel = { client: new ProviderClient(address, credentials, options), running: 0 };
    channels.push(channel);
    return channel;
  };
  const leastBusy = () =>
    channels.reduce((best, one) => (one.running < best.running ? one : best), channels[0] ?? open());
  const free = (): Channel | undefined => {
    const best = leastBusy();
    if (best.running < MOST_PER_CHANNEL / 2) return best;
    if (channels.length < most) return open();
    return best.running < MOST_PER_CHANNEL ? best : undefined;
  };
  // Resolves when it may be tried again; whoever gives up finds that out from its own call.
  const turn = (limits: CallLimits) =>
    new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer);
        forget();
        const at = waiting.indexOf(go);
        if (at >= 0) waiting.splice(at, 1);
        resolve();
      };
      const timer = setTimeout(go, Math.min(limits.deadline - Date.now(), LONGEST_TIMER_MS));
      const forget = whenGivenUp(limits, go);
      waiting.push(go);
    });
  return {
    async run(call, limits) {
      let channel = free();
      while (channel === undefined && !isOver(limits)) {
        await turn(limits);
        channel = free();
      }
      const taken = channel ?? leastBusy();
      taken.running += 1;
      try {
        return await call(taken.client);
      } finally {
        taken.running -= 1;
        waiting.at(0)?.();
      }
    },
    least: () => leastBusy().client,
    close() {
      for (const { client } of channels) client.close();
    },
  };
}

function isOver({ signal, closing, deadline }: CallLimits): boolean {
  return signal.aborted || closing.aborted || Date.now() >= deadline;
}
