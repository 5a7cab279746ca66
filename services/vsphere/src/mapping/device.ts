import type { VirtualDevice } from "../vim/types.ts";
import { fieldsOf } from "../vim/type-table.ts";

/** Whether a device is of a kind that can be sent back; templates may hold kinds that only vCenter knows. */
export const canBeSent = ({ $type }: VirtualDevice): boolean => fieldsOf($type) !== undefined;

/**
 * A device as it was read, fit to be sent back in a change: without its label, which vCenter writes, and without a backing of a kind that only
 * vCenter knows. What a change leaves out stays as it is.
 */
export function asSent<Device extends VirtualDevice>(device: Device): Device {
  const { deviceInfo, backing, ...rest } = device;
  const isKnown = backing !== undefined && fieldsOf(backing.$type) !== undefined;
  return { ...rest, ...(isKnown ? { backing } : {}) } as Device;
}
