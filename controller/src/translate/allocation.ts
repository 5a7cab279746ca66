import type { MemoryAllocation, ResourceAllocation } from "@virtrigaud/proto";
import { parseQuantity } from "../api/quantity.ts";
import type { VMClass } from "../api/vm-class.ts";

type ResourceLimits = NonNullable<VMClass["spec"]["resourceLimits"]>;

/** CPU guarantees in MHz; undefined when the class asks for none. */
export function cpuAllocation(limits: ResourceLimits = {}): ResourceAllocation | undefined {
  const { cpuReservation, cpuLimit, cpuShares } = limits;
  if ((cpuReservation ?? cpuLimit ?? cpuShares) === undefined) return undefined;
  return { reservationMhz: cpuReservation, limitMhz: cpuLimit, shares: cpuShares };
}

/** Memory guarantees in bytes; undefined when the class asks for none. */
export function memoryAllocation(limits: ResourceLimits = {}): MemoryAllocation | undefined {
  const { memoryReservation, memoryLimit } = limits;
  if ((memoryReservation ?? memoryLimit) === undefined) return undefined;
  return { reservationBytes: bytes(memoryReservation), limitBytes: bytes(memoryLimit) };
}

function bytes(quantity: string | undefined): number | undefined {
  return quantity === undefined ? undefined : parseQuantity(quantity);
}
