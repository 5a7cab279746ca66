// The standard error details that travel in the grpc-status-details-bin trailer.
export { Any } from "./gen/google/protobuf/any.ts";
export { BadRequest, ErrorInfo, RetryInfo } from "./gen/google/rpc/error_details.ts";
export { Status } from "./gen/google/rpc/status.ts";
