import type { PveRequest } from "../fault.ts";
import type { Values } from "../schema/check.ts";

/** A request with what became of it. */
export interface LoggedRequest extends PveRequest {
  /** Undefined until it is answered, and for ever when it was dropped. */
  status: number | undefined;
  /** The status line's text. */
  reason: string | undefined;
}

const SECRETS = new Set(["password", "cipassword", "otp", "tfa-challenge", "content"]);

/** Parameters without what must not be written down. */
export function masked(parameters: Values): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, SECRETS.has(name) ? "<masked>" : value]),
  );
}
