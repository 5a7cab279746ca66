// The door of the memory provider: a reference implementation of the contract on bare gRPC, without the kit.
export type { Nesting } from "./hypervisor/hosts.ts";
export {
  createHypervisor,
  type Guest,
  type Hypervisor,
  type HypervisorScript,
} from "./hypervisor/hypervisor.ts";
export type { RpcName, Rpcs } from "./rpcs.ts";
export { type MemoryProvider, type MemoryProviderOptions, startMemoryProvider } from "./start.ts";
