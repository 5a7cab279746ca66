import { ErrorCode } from "../protocol/constants.ts";
import { failure } from "../protocol/types.ts";
import { type Codec, decode } from "../xdr/codec.ts";
import { LibvirtError, LibvirtProtocolError } from "./errors.ts";
import type { Frame } from "./frame.ts";

/** The value that a frame of status "ok" carries. Throws LibvirtProtocolError, or LibvirtError for status "error". */
export function answerIn<R>(procedure: string, { header, payload }: Frame, returns: Codec<R>): R {
  if (header.status === "error") throw failureIn(procedure, payload);
  if (header.status === "ok") return payloadAs(procedure, returns, payload);
  throw new LibvirtProtocolError(`${procedure}: an answer of status "${header.status}"`);
}

/** The refusal that the payload of a frame of status "error" describes. Throws LibvirtProtocolError. */
export function failureIn(procedure: string, payload: Buffer): LibvirtError {
  const { code, domain, level, message = `libvirt error ${code}` } = payloadAs(procedure, failure, payload);
  // An older daemon says so in words of its own (src/rpc/virnetserverprogram.c); libvirt's library translates as well.
  const isUnknown = code === ErrorCode.RPC && message.startsWith("unknown procedure");
  return new LibvirtError({
    procedure,
    domain,
    level,
    ...(isUnknown
      ? { code: ErrorCode.NO_SUPPORT, message: `this libvirtd is too old for it (${message})` }
      : { code, message }),
  });
}

/** The value that the payload stands for. Throws LibvirtProtocolError naming `what` it is. */
export function payloadAs<T>(what: string, codec: Codec<T>, payload: Buffer): T {
  try {
    return decode(codec, payload);
  } catch (cause) {
    const message = `${what}: unreadable: ${(cause as Error).message}`;
    throw new LibvirtProtocolError(message, { cause });
  }
}
