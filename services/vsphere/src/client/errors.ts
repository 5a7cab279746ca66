/** Whether the request may have reached the server: after "no", repeating it is safe for any operation. */
export type RequestSent = "no" | "maybe";

/**
 * The server could not be reached, did not answer in time, or something in front of it answered instead.
 * Retryable. `requestSent` "maybe" leaves open whether an operation took effect.
 */
export class VimUnreachable extends Error {
  override readonly name = "VimUnreachable";
  readonly requestSent: RequestSent;

  constructor(message: string, options: { requestSent: RequestSent; cause?: unknown }) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.requestSent = options.requestSent;
  }
}

/** The server's certificate is not the one the configuration trusts. Not retryable; nothing was sent. */
export class VimTlsError extends Error {
  override readonly name = "VimTlsError";
}

/**
 * The server answered with something that is not a whole, well-formed answer to the call, which leaves open whether
 * an operation took effect.
 */
export class VimProtocolError extends Error {
  override readonly name = "VimProtocolError";
}

/** The server refused the credentials; they are not tried again before `retryAt` (epoch milliseconds). */
export class VimInvalidLogin extends Error {
  override readonly name = "VimInvalidLogin";
  readonly retryAt: number;

  constructor(message: string, retryAt: number) {
    super(message);
    this.retryAt = retryAt;
  }
}

/** A fault as the server sent it: its type, its text, and its own fields. */
export interface FaultReport {
  readonly faultType: string;
  readonly faultString: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The server executed the call and refused it: `faultType` says why ("DuplicateName", "NotAuthenticated"). */
export class VimFault extends Error implements FaultReport {
  override readonly name = "VimFault";
  readonly method: string;
  readonly faultType: string;
  readonly faultString: string;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(method: string, fault: FaultReport) {
    super(`${method}: ${fault.faultType}: ${fault.faultString}`);
    this.method = method;
    this.faultType = fault.faultType;
    this.faultString = fault.faultString;
    this.detail = fault.detail;
  }
}
