export { type Certificate, makeCertificate } from "./pve/certificate.ts";
export type { Fault, PveRequest } from "./pve/fault.ts";
export type { LoggedRequest } from "./pve/http/request-log.ts";
export type { Token } from "./pve/model/access.ts";
export type { Cluster } from "./pve/model/cluster.ts";
export type { ExecResult, Guest, GuestInterface, GuestScript, GuestView } from "./pve/model/guest.ts";
export { provingGuest } from "./pve/model/proving-guest.ts";
export type { TaskPlan, TaskScript, TaskView } from "./pve/model/tasks.ts";
export type { Vm } from "./pve/model/vm.ts";
export type { RemoteFile, Web } from "./pve/model/web.ts";
export type {
  NodeOptions,
  Privileges,
  PveOptions,
  StorageOptions,
  TemplateOptions,
  TokenOptions,
  UserOptions,
} from "./pve/options.ts";
export { parameterProblems } from "./pve/parameter-problems.ts";
export { type PveVersion, pveVersions } from "./pve/release.ts";
export { type Pve, startPve } from "./pve/start.ts";
