import { ProviderService } from "@virtrigaud/proto";

/** Names of the contract's RPCs, as the generated code spells them: "createVm", "listVMs". */
export type Rpc = keyof ProviderService;

/** RPCs that answer with a stream. */
export type StreamRpc = { [K in Rpc]: ProviderService[K]["responseStream"] extends true ? K : never }[Rpc];

/** RPCs that answer once. */
export type UnaryRpc = Exclude<Rpc, StreamRpc>;

/** What an RPC is asked with. */
export type Request<K extends Rpc> = ReturnType<ProviderService[K]["requestDeserialize"]>;

/** What an RPC answers with, or each message of its stream. */
export type Response<K extends Rpc> = ReturnType<ProviderService[K]["responseDeserialize"]>;

/** Every RPC. */
export const RPCS = Object.keys(ProviderService) as Rpc[];

/** Whether an RPC answers with a stream. */
export function isStream(rpc: Rpc): rpc is StreamRpc {
  return ProviderService[rpc].responseStream;
}

/** The name that the contract gives an RPC: "CreateVM". */
export function rpcName(rpc: Rpc): string {
  return ProviderService[rpc].path.slice(ProviderService[rpc].path.lastIndexOf("/") + 1);
}

/** Fully qualified name of the service, as health checks and reflection know it. */
export const SERVICE_NAME = ProviderService.getInfo.path.split("/")[1] ?? "";
