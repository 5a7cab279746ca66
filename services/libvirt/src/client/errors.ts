/** Whether libvirtd may have received the call: after "no", repeating it is safe whatever it does. */
export type Sent = "no" | "maybe";

/**
 * libvirtd could not be reached, did not answer in time, or the connection broke. Retryable. `sent` "maybe" leaves
 * open whether the call took effect.
 */
export class LibvirtUnreachable extends Error {
  override readonly name = "LibvirtUnreachable";
  readonly sent: Sent;

  constructor(message: string, options: { readonly sent: Sent; readonly cause?: unknown }) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.sent = options.sent;
  }
}

/**
 * The way in is barred: host key, certificate or login not accepted, on either side. Nothing was called. Retrying
 * helps only after something was changed; the message says what.
 */
export class LibvirtAuthError extends Error {
  override readonly name = "LibvirtAuthError";
}

/** What came is not libvirt's protocol, which leaves open whether a call took effect. */
export class LibvirtProtocolError extends Error {
  override readonly name = "LibvirtProtocolError";
}

export interface LibvirtErrorInit {
  readonly procedure: string;
  /** What went wrong: one of ErrorCode, or another of libvirt's. */
  readonly code: number;
  /** The part of libvirt that says so; 10 is the QEMU driver. Not a virtual machine. */
  readonly domain: number;
  /** 1 warning, 2 error. */
  readonly level: number;
  readonly message: string;
}

/** libvirtd executed the call and refused it. */
export class LibvirtError extends Error {
  override readonly name = "LibvirtError";
  readonly procedure: string;
  readonly code: number;
  readonly domain: number;
  readonly level: number;

  constructor({ procedure, code, domain, level, message }: LibvirtErrorInit) {
    super(`${procedure}: ${message}`);
    this.procedure = procedure;
    this.code = code;
    this.domain = domain;
    this.level = level;
  }
}
