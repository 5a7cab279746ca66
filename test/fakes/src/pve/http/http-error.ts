/** What PVE's HTTP server itself says to a request, before any endpoint is asked. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
