/** A request as errors name it. */
export interface RequestName {
  /** GET, POST, PUT or DELETE. */
  readonly method: string;
  /** Below /api2/json, without parameters: "/nodes/pve1/qemu/100/config". */
  readonly path: string;
}

/**
 * Nobody answered, or not in time. Retryable. `sent` false: the request certainly never left, and repeating it is safe
 * whatever it does; true leaves open whether it took effect.
 */
export class PveUnreachable extends Error implements RequestName {
  override readonly name: string = "PveUnreachable";
  readonly sent: boolean;
  readonly method: string;
  readonly path: string;

  constructor(
    { method, path }: RequestName,
    message: string,
    options: { readonly sent: boolean; readonly cause?: unknown },
  ) {
    super(`${method} ${path}: ${message}`, "cause" in options ? { cause: options.cause } : {});
    this.sent = options.sent;
    this.method = method;
    this.path = path;
  }
}

/**
 * PVE's proxy answered in the place of the node that should: `status` is 595 when it could not connect to it (never
 * sent), 596 to 599 when the connection ended before an answer. A 596 can also be the node's own daemon that died of
 * this very request, as it does of an agent/exec whose command does not exist.
 */
export class PveNodeUnreachable extends PveUnreachable {
  override readonly name = "PveNodeUnreachable";
  readonly status: number;
  readonly reason: string;

  constructor(request: RequestName, status: number, reason: string) {
    const node = /^\/nodes\/([^/]+)/.exec(request.path)?.[1] ?? "the cluster's node";
    super(request, `PVE's proxy gets no answer from ${node}: ${status} ${reason}`, { sent: status !== 595 });
    this.status = status;
    this.reason = reason;
  }
}

/** The server's certificate is not the one the configuration trusts. Not retryable; nothing was sent. */
export class PveTlsError extends Error {
  override readonly name = "PveTlsError";
}

/** What came is not an answer of PVE's API, which leaves open whether the request took effect. */
export class PveProtocolError extends Error {
  override readonly name = "PveProtocolError";

  constructor({ method, path }: RequestName, message: string, options?: ErrorOptions) {
    super(`${method} ${path}: ${message}`, options);
  }
}

/** The credentials were refused; the same ones are not tried again before `retryAt` (epoch milliseconds), others at once. */
export class PveCredentialsRefused extends Error {
  override readonly name = "PveCredentialsRefused";
  readonly retryAt: number;

  constructor(message: string, retryAt: number) {
    super(message);
    this.retryAt = retryAt;
  }
}

export interface PveErrorInit extends RequestName {
  readonly status: number;
  readonly reason: string;
  readonly errors?: Readonly<Record<string, string>>;
}

/** PVE refused the request. */
export class PveError extends Error implements PveErrorInit {
  override readonly name = "PveError";
  readonly method: string;
  readonly path: string;
  /** 400 parameters, 401 login, 403 privilege, 501 no such path; nearly everything else is 500. */
  readonly status: number;
  /** HTTP's reason phrase, which is where PVE says what is wrong: "VM is locked (backup)". */
  readonly reason: string;
  /** What is wrong with which parameter; empty but for a 400. */
  readonly errors: Readonly<Record<string, string>>;
  /** The task the request was about, where its path names one. */
  readonly upid: string | undefined;

  constructor({ method, path, status, reason, errors = {} }: PveErrorInit) {
    const details = Object.entries(errors).map(([parameter, what]) => `${parameter}: ${what.trim()}`);
    super([`${method} ${path}: ${status} ${reason}`, ...details].join("; "));
    this.method = method;
    this.path = path;
    this.status = status;
    this.reason = reason;
    this.errors = errors;
    this.upid = /\/(UPID:[^/]+)/.exec(path)?.[1];
  }
}
