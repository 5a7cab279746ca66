/** A request as the fault hook and the log see it. No credentials. */
export interface PveRequest {
  /** Counts from 1. */
  readonly sequence: number;
  readonly method: string;
  /** Below /api2/json, decoded, without the query: `/nodes/pve1/qemu`. */
  readonly path: string;
  /** Query and body together; secrets are masked. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Who asks: `user@realm` or `user@realm!token`; undefined when not authenticated. */
  readonly user: string | undefined;
  /** Which TCP connection carried it, counted from 1. */
  readonly connection: number;
}

/** What to do to a request instead of just answering it. */
export type Fault =
  /** The connection closes without an answer; `before` or `after` the request took effect. */
  | { readonly kind: "drop"; readonly when: "before" | "after" }
  /** As drop, with a TCP reset. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** The answer comes later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** This status instead of handling it: 595 and 599 are what PVE's proxy answers for an unreachable node. */
  | { readonly kind: "status"; readonly status: number; readonly reason: string }
  /** The request takes effect, and then this status is answered. */
  | { readonly kind: "statusAfter"; readonly status: number; readonly reason: string }
  /** Head at once, the body in pieces of one byte with this pause between them. */
  | { readonly kind: "slowBody"; readonly msPerByte: number }
  /** Head at once, and then nothing more of the body. */
  | { readonly kind: "hangBody" };
