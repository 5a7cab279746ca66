import type { PropertiesAt } from "../vim/property-path.ts";
import type {
  ManagedObjectReference,
  MissingProperty as WireMissing,
  ObjectContent as WireContent,
  ObjectUpdate as WireUpdate,
} from "../vim/types.ts";

/** A property that exists but could not be read; "NoPermission" is the usual `faultType`. */
export interface MissingProperty {
  path: string;
  faultType: string;
}

/** What was read of one object: properties by path. One that is unset has no entry. */
export interface ObjectContent<Type extends string = string, Path extends string = string> {
  obj: ManagedObjectReference;
  props: PropertiesAt<Type, Path>;
  missing: MissingProperty[];
}

/** A change to one object: `props` are the new values, `removed` the paths that are unset now. */
export interface ObjectUpdate extends ObjectContent {
  kind: WireUpdate["kind"];
  removed: string[];
}

/** Turns the wire's list of names and values into properties by path. */
export function toObjectContent({ obj, propSet = [], missingSet }: WireContent): ObjectContent {
  return { obj, props: byPath(propSet), missing: toMissing(missingSet) };
}

/** The same for one update of a WaitForUpdatesEx answer. */
export function toObjectUpdate({ kind, obj, changeSet = [], missingSet }: WireUpdate): ObjectUpdate {
  const isRemoval = (op: string) => op === "remove" || op === "indirectRemove";
  return {
    kind,
    obj,
    props: byPath(changeSet.filter(({ op }) => !isRemoval(op))),
    removed: changeSet.filter(({ op }) => isRemoval(op)).map(({ name }) => name),
    missing: toMissing(missingSet),
  };
}

function byPath(values: readonly { name: string; val?: unknown }[]): Record<string, unknown> {
  return Object.fromEntries(
    values.filter(({ val }) => val !== undefined).map(({ name, val }) => [name, val]),
  );
}

function toMissing(missing: readonly WireMissing[] = []): MissingProperty[] {
  return missing.map(({ path, fault }) => ({ path, faultType: fault.fault.$type ?? "MethodFault" }));
}
