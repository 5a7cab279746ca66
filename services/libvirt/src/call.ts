/** What every step of an RPC gets: its end ends the step. */
export interface Call {
  signal: AbortSignal;
}
