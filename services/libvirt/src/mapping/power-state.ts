import { PowerState } from "@virtrigaud/proto";

/** virDomainState → power state. A domain that is shutting down, or blocked on a resource, runs. */
const states: Readonly<Record<number, PowerState>> = {
  0: PowerState.UNKNOWN,
  1: PowerState.ON,
  2: PowerState.ON,
  3: PowerState.PAUSED,
  4: PowerState.ON,
  5: PowerState.OFF,
  // Crashed and preserved, and suspended by the guest itself: both still hold memory.
  6: PowerState.PAUSED,
  7: PowerState.PAUSED,
};

/** The power state of a domain. Throws a RangeError on a state that libvirt does not have yet. */
export function powerState(state: number, hasManagedSave: boolean): PowerState {
  const found = states[state];
  if (found === undefined) throw new RangeError(`libvirt reports the unknown domain state ${state}`);
  return found === PowerState.OFF && hasManagedSave ? PowerState.SUSPENDED : found;
}
