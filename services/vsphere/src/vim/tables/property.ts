import { define, extend, type TypeDef } from "../type-def.ts";
import type * as vim from "../types.ts";

/** The PropertyCollector's specifications and answers. */
export const propertyTypes: Record<string, TypeDef> = {
  PropertyFilterSpec: define<vim.PropertyFilterSpec>({
    propSet: "PropertySpec[]",
    objectSet: "ObjectSpec[]",
    reportMissingObjectsInResults: "boolean",
  }),
  PropertySpec: define<vim.PropertySpec>({ type: "string", all: "boolean", pathSet: "string[]" }),
  ObjectSpec: define<vim.ObjectSpec>({
    obj: "ManagedObjectReference",
    skip: "boolean",
    selectSet: "SelectionSpec[]",
  }),
  SelectionSpec: define<vim.NamedSelectionSpec>({ name: "string" }),
  TraversalSpec: extend<vim.TraversalSpec, vim.NamedSelectionSpec>("SelectionSpec", {
    type: "string",
    path: "string",
    skip: "boolean",
    selectSet: "SelectionSpec[]",
  }),
  RetrieveOptions: define<vim.RetrieveOptions>({ maxObjects: "int" }),
  RetrieveResult: define<vim.RetrieveResult>({ token: "string", objects: "ObjectContent[]" }),
  ObjectContent: define<vim.ObjectContent>({
    obj: "ManagedObjectReference",
    propSet: "DynamicProperty[]",
    missingSet: "MissingProperty[]",
  }),
  DynamicProperty: define<vim.DynamicProperty>({ name: "string", val: "anyType" }),
  MissingProperty: define<vim.MissingProperty>({ path: "string", fault: "LocalizedMethodFault" }),
  WaitOptions: define<vim.WaitOptions>({ maxWaitSeconds: "int", maxObjectUpdates: "int" }),
  UpdateSet: define<vim.UpdateSet>({
    version: "string",
    filterSet: "PropertyFilterUpdate[]",
    truncated: "boolean",
  }),
  PropertyFilterUpdate: define<vim.PropertyFilterUpdate>({
    filter: "ManagedObjectReference",
    objectSet: "ObjectUpdate[]",
    missingSet: "MissingObject[]",
  }),
  ObjectUpdate: define<vim.ObjectUpdate>({
    kind: "string",
    obj: "ManagedObjectReference",
    changeSet: "PropertyChange[]",
    missingSet: "MissingProperty[]",
  }),
  PropertyChange: define<vim.PropertyChange>({ name: "string", op: "string", val: "anyType" }),
  MissingObject: define<vim.MissingObject>({ obj: "ManagedObjectReference", fault: "LocalizedMethodFault" }),
};
