import type { Operation, VM } from "@virtrigaud/proto";
import type { VirtualMachine } from "./api/virtual-machine.ts";
import type { VMClass } from "./api/vm-class.ts";
import type { Step } from "./decide.ts";
import type { Failure } from "./failure.ts";
import type { Truth } from "./status-types.ts";

/** Whether a VM's provider can be called, for its condition ProviderAvailable. */
export interface Availability {
  readonly status: Truth;
  readonly reason: string;
  readonly message: string;
}

/** What one pass over a VM decided, did and saw; its status is computed from nothing else. */
export interface Pass {
  readonly vm: VirtualMachine;
  /** Undefined when there is none of that name. */
  readonly vmClass: VMClass | undefined;
  readonly provider: Availability;
  /** The step decided last. */
  readonly step: Step;
  /** Name of an operation that was started and whose end was not seen. */
  readonly pending: string | undefined;
  /** The operation, or the preparation of the VM's image, when it was seen running. */
  readonly operation: Operation | undefined;
  /** Why the step failed. */
  readonly failure: Failure | undefined;
  /** The VM as read last; undefined when it was not read or is not there. */
  readonly observed: VM | undefined;
  /** Digest of the declaration that the VM is complete from; undefined while it is not complete. */
  readonly completed: string | undefined;
  /** Why the last attempt to prove nesting in the guest brought no verdict; undefined when there was none. */
  readonly unproven: Unproven | undefined;
  /** Whether another attempt is under way or soon to come. */
  readonly proving: boolean;
}

/** Why nesting could not be proven inside a guest. */
export interface Unproven {
  /** In UPPER_SNAKE_CASE. */
  readonly reason: string;
  /** With the knob to turn. */
  readonly message: string;
}
