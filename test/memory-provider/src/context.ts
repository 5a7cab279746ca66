import type { Feature } from "@virtrigaud/proto";
import type { Hypervisor } from "./hypervisor/hypervisor.ts";

/** What every RPC works with. A daemon holds nothing else: all state is the hypervisor's. */
export interface Context {
  readonly hypervisor: Hypervisor;
  /** Features that this daemon does without, as a smaller provider would. */
  readonly without: ReadonlySet<Feature>;
  /** Longest silence of WatchVMs in milliseconds. */
  readonly heartbeatMs: number;
  /** Address that GetInfo tells. */
  readonly endpoint: string;
  /** False while the daemon is cut off from the hypervisor. */
  readonly isReachable: () => boolean;
}
