import { NestedPolicy, type NestedVirtualization } from "@virtrigaud/proto";

/** true: required, false: switched off, absent: the hypervisor's default, about which nothing is promised. */
export function nestedVirtualization(wanted: boolean | undefined): NestedVirtualization | undefined {
  if (wanted === undefined) return undefined;
  return { policy: wanted ? NestedPolicy.REQUIRED : NestedPolicy.DISABLED };
}
