import type { VMSpec } from "@virtrigaud/proto";
import { invalidArgument, violation } from "./errors/provider-error.ts";

/** The kit has refused a request without a spec already; this tells the type checker, and holds if that ever changes. */
export function required(spec: VMSpec | undefined): VMSpec {
  if (spec === undefined) throw invalidArgument([violation("spec", "REQUIRED", "a spec is needed")]);
  return spec;
}
