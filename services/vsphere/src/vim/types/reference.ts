/** Names one managed object of one server, e.g. {type: "VirtualMachine", value: "vm-42"}; an opaque value. */
export interface ManagedObjectReference<T extends string = string> {
  type: T;
  value: string;
}

/** Every kind of object that can stand for a network. */
export type NetworkReference = ManagedObjectReference<
  "Network" | "DistributedVirtualPortgroup" | "OpaqueNetwork"
>;

/** A key with a value of any type; `extraConfig` values are strings in practice. */
export interface OptionValue {
  key: string;
  value: unknown;
}

/** Label and summary of a device. */
export interface Description {
  label: string;
  summary: string;
}
