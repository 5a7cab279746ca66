import type { Codec } from "../xdr/codec.ts";
import { type Fields, type StructValue, struct } from "../xdr/composites.ts";

/** libvirt's own calls. */
export const REMOTE_PROGRAM = 0x20008086;
/** What is particular to QEMU: the guest agent. */
export const QEMU_PROGRAM = 0x20008087;

/**
 * Which calls a call may have to wait for, so that slow ones do not stand in the way of quick ones: libvirtd works on
 * few calls of one connection at a time. "quick" is answered from libvirtd's memory, which it says itself by giving
 * such calls priority; "control" may wait for QEMU; "long" may take minutes; "agent" waits for software inside a guest.
 */
export type Lane = "quick" | "control" | "long" | "agent";

/** One remote procedure. */
export interface Procedure<A = unknown, R = unknown> {
  readonly program: number;
  readonly number: number;
  readonly args: Codec<A>;
  readonly returns: Codec<R>;
  readonly lane: (args: A) => Lane;
}

export interface ProcedureShape<A extends Fields, R extends Fields> {
  readonly args?: A;
  readonly returns?: R;
  /** Default "control". */
  readonly lane?: Lane | ((args: StructValue<A>) => Lane);
  /** Default REMOTE_PROGRAM. */
  readonly program?: number;
}

type None = Readonly<Record<never, never>>;

/** Describes the procedure of that number; without args or returns it takes or answers none. */
export function procedure<const A extends Fields = None, const R extends Fields = None>(
  number: number,
  { args, returns, lane = "control", program = REMOTE_PROGRAM }: ProcedureShape<A, R> = {},
): Procedure<StructValue<A>, StructValue<R>> {
  return {
    program,
    number,
    args: struct(args ?? ({} as A)),
    returns: struct(returns ?? ({} as R)),
    lane: typeof lane === "function" ? lane : () => lane,
  };
}

/** Describes a procedure of the "quick" lane. */
export function quick<const A extends Fields = None, const R extends Fields = None>(
  number: number,
  shape: Omit<ProcedureShape<A, R>, "lane" | "program"> = {},
): Procedure<StructValue<A>, StructValue<R>> {
  return procedure<A, R>(number, { ...shape, lane: "quick" });
}
