/** An answer of PVE's proxy about a connection behind it: a status without a body. */
export class ProxyError extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}
