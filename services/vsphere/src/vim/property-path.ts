import type { ManagedObjects } from "./types.ts";

/** The value at a dotted path: `ValueAt<VirtualMachine, "config.hardware.device">` is VirtualDevice[]. */
export type ValueAt<T, Path extends string> = Path extends keyof T
  ? T[Path]
  : Path extends `${infer Head}.${infer Rest}`
    ? Head extends keyof T
      ? ValueAt<Exclude<T[Head], undefined>, Rest>
      : unknown
    : unknown;

/**
 * Properties of a managed object, each typed by its path as far as ManagedObjects knows it. All are optional: a
 * property may be unset, and reading it may be denied.
 */
export type PropertiesAt<Type extends string, Path extends string> = Type extends keyof ManagedObjects
  ? { [P in Path]?: Exclude<ValueAt<ManagedObjects[Type], P>, undefined> }
  : Record<string, unknown>;

/** The types that extend one that properties may be asked of: asking for Network also finds port groups. */
const BASE_TYPES: Readonly<Record<string, string>> = {
  ClusterComputeResource: "ComputeResource",
  DistributedVirtualPortgroup: "Network",
  OpaqueNetwork: "Network",
  StoragePod: "Folder",
  VirtualApp: "ResourcePool",
  VmwareDistributedVirtualSwitch: "DistributedVirtualSwitch",
};

/** Which of the asked types an object of type `actual` was found as. */
export function askedType(actual: string, asked: readonly string[]): string {
  const base = BASE_TYPES[actual];
  return base === undefined || asked.includes(actual) ? actual : base;
}
