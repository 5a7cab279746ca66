import type { LocalizedMethodFault } from "./fault.ts";
import type { ManagedObjectReference } from "./reference.ts";

/** Which properties of which type; a path is dotted, e.g. "config.hardware.device". */
export interface PropertySpec {
  type: string;
  all?: boolean;
  pathSet?: string[];
}

export interface TraversalSpec {
  $type: "TraversalSpec";
  name?: string;
  type: string;
  path: string;
  skip?: boolean;
  selectSet?: SelectionSpec[];
}

/** Refers to a traversal by name. */
export interface NamedSelectionSpec {
  name?: string;
}

export type SelectionSpec = NamedSelectionSpec | TraversalSpec;

export interface ObjectSpec {
  obj: ManagedObjectReference;
  /** Only the start of a traversal, not an object to report. */
  skip?: boolean;
  selectSet?: SelectionSpec[];
}

export interface PropertyFilterSpec {
  propSet: PropertySpec[];
  objectSet: ObjectSpec[];
  reportMissingObjectsInResults?: boolean;
}

export interface RetrieveOptions {
  maxObjects?: number;
}

export interface DynamicProperty {
  name: string;
  val: unknown;
}

/** A property that exists but could not be read, and why. */
export interface MissingProperty {
  path: string;
  fault: LocalizedMethodFault;
}

/** One object as the PropertyCollector reports it on the wire. */
export interface ObjectContent {
  obj: ManagedObjectReference;
  propSet?: DynamicProperty[];
  missingSet?: MissingProperty[];
}

export interface RetrieveResult {
  /** More pages: pass it to ContinueRetrievePropertiesEx. */
  token?: string;
  objects: ObjectContent[];
}

export interface WaitOptions {
  /** 0 answers at once. */
  maxWaitSeconds?: number;
  maxObjectUpdates?: number;
}

/** "add" and "assign" carry the new value, "remove" and "indirectRemove" none. */
export interface PropertyChange {
  name: string;
  op: "add" | "remove" | "assign" | "indirectRemove";
  val?: unknown;
}

export interface ObjectUpdate {
  kind: "enter" | "modify" | "leave";
  obj: ManagedObjectReference;
  changeSet?: PropertyChange[];
  missingSet?: MissingProperty[];
}

export interface MissingObject {
  obj: ManagedObjectReference;
  fault: LocalizedMethodFault;
}

export interface PropertyFilterUpdate {
  filter: ManagedObjectReference<"PropertyFilter">;
  objectSet?: ObjectUpdate[];
  missingSet?: MissingObject[];
}

export interface UpdateSet {
  /** Pass it to the next WaitForUpdatesEx. */
  version: string;
  filterSet?: PropertyFilterUpdate[];
  /** More of the same change set follows at once. */
  truncated?: boolean;
}
