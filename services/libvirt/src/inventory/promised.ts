import { needsFullReservations } from "@virtrigaud/kit/outcomes";
import type { VMSpec } from "@virtrigaud/proto";
import { reservedBy } from "../mapping/admission.ts";
import type { Reserved } from "../mapping/host-facts.ts";
import type { Known } from "./known.ts";

/** What the VMs that we own have of their host for themselves. */
export interface Promised {
  readonly reserved: Reserved;
  readonly pinnedCpus: ReadonlySet<number>;
}

export interface PromisedOptions {
  /** UID of the VM for which it is asked: its own promises do not stand in its way. */
  readonly except?: string;
  /** Speed of a host CPU in MHz, by which those count that are promised as a whole. */
  readonly coreMhz?: number;
}

/** Adds up what domains were promised. */
export function promisedTo(
  domains: readonly Known[],
  { except = "", coreMhz = 0 }: PromisedOptions = {},
): Promised {
  const others = domains.filter(({ stored }) => stored.owner !== undefined && stored.owner.uid !== except);
  const specs = others.flatMap(({ stored: { reserving } }) => reserving ?? []);
  return {
    reserved: reservedBy(specs.map((spec) => withFull(spec, coreMhz))),
    pinnedCpus: new Set(others.flatMap(({ stored }) => stored.pins)),
  };
}

/** A VM that has its host to itself was promised all that it has, whether or not the spec says so. */
function withFull(spec: VMSpec, coreMhz: number): VMSpec {
  if (!needsFullReservations(spec)) return spec;
  const { cpuAllocation: cpu, memoryAllocation: memory } = spec;
  return {
    ...spec,
    cpuAllocation: { ...cpu, reservationMhz: cpu?.reservationMhz ?? spec.cpus * coreMhz },
    memoryAllocation: { ...memory, reservationBytes: memory?.reservationBytes ?? spec.memoryBytes },
  };
}
