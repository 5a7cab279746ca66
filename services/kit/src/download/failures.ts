import { status } from "@grpc/grpc-js";
import { ProviderError } from "../errors/provider-error.ts";

/** Web servers that are down come back in minutes rather than milliseconds. */
const retryAfterMs = 5_000;

/** The server cannot be reached, or is not well. Retryable. */
export const unreachable = (name: string, why: string, cause?: unknown): ProviderError =>
  new ProviderError({
    code: status.UNAVAILABLE,
    reason: "IMAGE_UNREACHABLE",
    message: `downloading ${name}: ${why}`,
    retryAfterMs,
    ...(cause === undefined ? {} : { cause }),
  });

/** The server will not give it however often it is asked. */
export const notServed = (name: string, why: string, cause?: unknown): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "IMAGE_UNREACHABLE",
    message: `downloading ${name}: ${why}`,
    ...(cause === undefined ? {} : { cause }),
  });

/** It is not fetched, whether or not it could be. */
export const refused = (name: string, why: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "IMAGE_REFUSED",
    message: `downloading ${name}: ${why}`,
  });

/** It ended too early, and could not be resumed. Retryable. */
export const truncated = (
  name: string,
  received: number,
  total: number | undefined,
  cause?: unknown,
): ProviderError =>
  new ProviderError({
    code: status.UNAVAILABLE,
    reason: "IMAGE_TRUNCATED",
    message: `downloading ${name}: it ended after ${received} of ${total ?? "an unknown number of"} bytes; repeat the call`,
    retryAfterMs,
    ...(cause === undefined ? {} : { cause }),
  });

/** What came is not what was asked for. */
export const checksumMismatch = (name: string, expected: string, found: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "IMAGE_CHECKSUM_MISMATCH",
    message: `downloading ${name}: expected ${expected}, found ${found}; correct the image's checksum, or its URL if the file changed`,
    metadata: { expected, found },
  });

/** There is no room for it where it goes. */
export const noRoom = (name: string, needed: string, where: string, bytes: number): ProviderError =>
  new ProviderError({
    code: status.RESOURCE_EXHAUSTED,
    reason: "STORAGE_FULL",
    message: `downloading ${name}: it has ${needed} bytes, ${where} has ${bytes} free; free space there or choose another`,
  });
