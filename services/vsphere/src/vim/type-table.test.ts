import { expect, test } from "@jest/globals";
import { isScalar } from "./scalar.ts";
import { operationTable } from "./tables/operation.ts";
import type { TypeDef } from "./type-def.ts";
import { fieldDef, fieldsOf, isA, ownFields, typeTable } from "./type-table.ts";

const isKnown = (type: string): boolean =>
  isScalar(type) || type === "anyType" || type === "ManagedObjectReference" || typeTable.has(type);

const definitions: [string, TypeDef][] = [
  ...typeTable,
  ...Object.entries(operationTable).map(([name, { args }]): [string, TypeDef] => [name, args]),
];

test("every type that is mentioned is in the table", () => {
  const mentioned = definitions.flatMap(([owner, def]) => [
    ...ownFields(def).map(([field, { type }]) => [`${owner}.${field}`, type]),
    ...(def.base === undefined ? [] : [[`${owner} extends`, def.base]]),
  ]);
  const returned = Object.values(operationTable).flatMap(({ returns }) => returns ?? []);
  expect(mentioned.filter(([, type]) => !isKnown(type as string))).toEqual([]);
  expect(returned.filter((type) => !isKnown(fieldDef(type).type))).toEqual([]);
});

test("a type's fields begin with its base's", () => {
  expect([...(fieldsOf("ParaVirtualSCSIController") ?? []).keys()]).toEqual([
    "key",
    "deviceInfo",
    "backing",
    "connectable",
    "controllerKey",
    "unitNumber",
    "busNumber",
    "device",
    "hotAddRemove",
    "sharedBus",
    "scsiCtlrUnitNumber",
  ]);
  expect(fieldsOf("NoSuchType")).toBeUndefined();
});

test.each([
  ["VirtualDisk", "VirtualDisk", true],
  ["ParaVirtualSCSIController", "VirtualDevice", true],
  ["VirtualDevice", "ParaVirtualSCSIController", false],
  ["NoSuchType", "VirtualDevice", false],
])("%s is a %s: %s", (type, ancestor, expected) => expect(isA(type, ancestor)).toBe(expected));
