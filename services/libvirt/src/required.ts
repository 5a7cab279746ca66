import { invalidArgument, violation } from "@virtrigaud/kit";
import type { VMSpec } from "@virtrigaud/proto";

/** The kit has refused a request without a spec already; this tells the type checker, and holds if that ever changes. */
export function required(spec: VMSpec | undefined): VMSpec {
  if (spec === undefined) throw invalidArgument([violation("spec", "REQUIRED", "a spec is needed")]);
  return spec;
}
