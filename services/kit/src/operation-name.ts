import { invalidArgument, violation } from "./errors/provider-error.ts";
import { pack, unpack } from "./opaque.ts";

const VERSION = "op1";
const LONGEST = 1_024;

/** What an operation's name wraps. */
export interface OperationName {
  /** The provider's own word for the kind of work, e.g. "task". */
  readonly kind: string;
  /** The native task's identity and whatever else is needed to answer for it. */
  readonly fields: string[];
}

/**
 * Wraps a native task into an opaque Operation.name that outlives the daemon.
 * @param fields no secrets.
 * @throws Error when the name would exceed the contract's 1,024 bytes.
 */
export function encodeOperationName(kind: string, fields: readonly string[]): string {
  const name = pack(VERSION, [kind, ...fields]);
  if (name.length > LONGEST)
    throw new Error(`operation name of kind ${kind} has ${name.length} bytes, over ${LONGEST}`);
  return name;
}

/** Unwraps an Operation.name. @throws ProviderError INVALID_ARGUMENT when it is none of {@link encodeOperationName}'s. */
export function decodeOperationName(name: string): OperationName {
  const [kind, ...fields] = unpack(VERSION, name) ?? [];
  if (kind !== undefined) return { kind, fields };
  throw invalidArgument([
    violation(
      "name",
      "INVALID_OPERATION_NAME",
      "is not an operation of this provider; use Operation.name as it was given",
    ),
  ]);
}
