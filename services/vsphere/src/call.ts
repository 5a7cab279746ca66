/** What bounds the calls to vCenter that serve one RPC. */
export interface Call {
  readonly signal: AbortSignal;
}
