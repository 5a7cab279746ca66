// The door for users of the client alone.
export {
  AddressSource,
  AgentReason,
  AgentState,
  BlockJobStatus,
  DomainState,
  ErrorCode,
  JobType,
} from "../protocol/constants.ts";
export { Lifecycle, MetadataType, PoolState, StoppedDetail, VolType } from "../protocol/constants.ts";
export type { DomainEvent, EventKind } from "../protocol/events.ts";
export * as flags from "../protocol/flags.ts";
export type { Arguments, ProcedureName, Returns } from "../protocol/procedures.ts";
export { byName, type TypedParam } from "../protocol/typed-params.ts";
export type { Domain, DomainSnapshot, Network, StoragePool, StorageVol } from "../protocol/types.ts";
export type { CallOptions } from "./deadline.ts";
export {
  LibvirtAuthError,
  LibvirtError,
  LibvirtProtocolError,
  LibvirtUnreachable,
  type Sent,
} from "./errors.ts";
export type { LibvirtEvent } from "./event-feed.ts";
export { connectLibvirt, Libvirt, type LibvirtOptions } from "./libvirt.ts";
export type { RoundTrip } from "./round-trip.ts";
export type { TransferOptions } from "./transfer.ts";
export type { SshFiles } from "./transport/ssh.ts";
export type { TlsFiles } from "./transport/tls.ts";
export { parseLibvirtUri, type Target } from "./uri.ts";
