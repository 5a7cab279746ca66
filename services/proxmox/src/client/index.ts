// The door for the provider, and for users of the client alone.
export type { CpuFlag, PveApi } from "./api.ts";
export type { Credentials } from "./credentials.ts";
export type { CallOptions } from "./deadline.ts";
export { parseEndpoint } from "./endpoint.ts";
export type { Upload } from "./encode-upload.ts";
export type { PveParameters, PveValue } from "./encode-request.ts";
export {
  PveCredentialsRefused,
  PveError,
  PveNodeUnreachable,
  PveProtocolError,
  PveTlsError,
  PveUnreachable,
} from "./errors.ts";
export { Pve, type PveOptions } from "./pve.ts";
export { Tasks, type TasksOptions, type TaskState } from "./tasks.ts";
export type { ServerTrust } from "./tls.ts";
export type { RequestReport } from "./transport.ts";
export { parseUpid, type Upid } from "./upid.ts";
