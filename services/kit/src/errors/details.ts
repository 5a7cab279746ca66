/** google.rpc.ErrorInfo.domain of every error of the contract. */
export const ERROR_DOMAIN = "virtrigaud.io";

/** The trailer that holds a google.rpc.Status. */
export const DETAILS_TRAILER = "grpc-status-details-bin";

/** Type URLs of the details that the contract uses. */
export const TYPE_URL = {
  errorInfo: "type.googleapis.com/google.rpc.ErrorInfo",
  badRequest: "type.googleapis.com/google.rpc.BadRequest",
  retryInfo: "type.googleapis.com/google.rpc.RetryInfo",
} as const;
