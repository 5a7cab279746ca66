import { type Implied, withImplied } from "@virtrigaud/kit/outcomes";
import type { VMSpec } from "@virtrigaud/proto";
import type { Host } from "./inventory.ts";
import { Problems } from "./problems.ts";
import { withFullReservations } from "./reservations.ts";

/** A spec with everything that it implies switched on, on the host that has the VM; contradictions were refused when it was made. */
export function effectiveSpec(spec: VMSpec, host: Host | undefined): { spec: VMSpec; implied: Implied[] } {
  const first = withImplied(spec);
  const second = withFullReservations(first.spec, host, new Problems());
  return { spec: second.spec, implied: [...first.implied, ...second.implied] };
}
