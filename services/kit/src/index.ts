// The door for provider daemons. Callers of providers use "@virtrigaud/kit/client".
export { status } from "@grpc/grpc-js";
export { readConfigFile } from "./config/config-file.ts";
export { ConfigError, type ConfigProblem, type Env, parseEnv, readTogether } from "./config/env.ts";
export {
  type Limits,
  type LogConfig,
  readServeConfig,
  type ServeConfig,
  type Transport,
} from "./config/serve-config.ts";
export { asProviderError } from "./errors/as-provider-error.ts";
export { toOperationError } from "./errors/operation-error.ts";
export {
  failedPrecondition,
  invalidArgument,
  ProviderError,
  type ProviderErrorInit,
  violation,
} from "./errors/provider-error.ts";
export { type CallStatus, toStatus } from "./errors/status.ts";
export { canonicalSpec, specFingerprint } from "./fingerprint.ts";
export { OneAtATime } from "./one-at-a-time.ts";
export { decodeOperationName, encodeOperationName, type OperationName } from "./operation-name.ts";
export { type Job, type JobContext, Jobs, type OperationResult } from "./jobs.ts";
export { decodePageToken, encodePageToken, type Page, paginate } from "./pages.ts";
export { type PollOptions, pollUntil } from "./poll.ts";
export { required } from "./required.ts";
export type { Request, Response, Rpc, StreamRpc, UnaryRpc } from "./rpc.ts";
export { Remembered } from "./remembered.ts";
export { runDaemon, terminationSignal } from "./serve/daemon.ts";
export { createLogger, type Logger } from "./serve/logger.ts";
export { Counter, Gauge, Histogram, Registry } from "./serve/metrics.ts";
export type { CallContext, Routes, StreamHandler, UnaryHandler } from "./serve/routes.ts";
export { serveProvider, type ServeOptions, type Serving } from "./serve/serve-provider.ts";
export { memberPaths } from "./validate/names.ts";
export { validateRequest } from "./validate/requests.ts";
export { validateSpec } from "./validate/spec.ts";
export { waitFor } from "./wait-for.ts";
export { watchOperation } from "./watch-operation.ts";
