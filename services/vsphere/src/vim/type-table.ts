import { configTypes } from "./tables/config.ts";
import { deviceTypes } from "./tables/device.ts";
import { deviceBackingTypes } from "./tables/device-backing.ts";
import { hostTypes } from "./tables/host.ts";
import { inventoryTypes } from "./tables/inventory.ts";
import { placementTypes } from "./tables/placement.ts";
import { propertyTypes } from "./tables/property.ts";
import { serviceTypes } from "./tables/service.ts";
import { virtualMachineTypes } from "./tables/virtual-machine.ts";
import type { TypeDef } from "./type-def.ts";

/** A field as the wire has it: the declared type (an object may be of a derived one) and whether it repeats. */
export interface FieldDef {
  readonly type: string;
  readonly repeated: boolean;
}

/**
 * The schema types of vim25 that the provider knows, by name: the one source of the order in which fields are
 * sent and of the types with which they are read. Intermediate base types without fields are left out.
 */
export const typeTable: ReadonlyMap<string, TypeDef> = new Map(
  Object.entries({
    ...configTypes,
    ...deviceTypes,
    ...deviceBackingTypes,
    ...hostTypes,
    ...inventoryTypes,
    ...placementTypes,
    ...propertyTypes,
    ...serviceTypes,
    ...virtualMachineTypes,
  }),
);

/** All fields of a type in schema order, those of its bases first; undefined for a type not in the table. */
export function fieldsOf(typeName: string): ReadonlyMap<string, FieldDef> | undefined {
  return allFields.get(typeName);
}

/** Whether `typeName` is `ancestor` or extends it. Types not in the table extend nothing. */
export function isA(typeName: string, ancestor: string): boolean {
  for (let name: string | undefined = typeName; name !== undefined; name = typeTable.get(name)?.base) {
    if (name === ancestor) return true;
  }
  return false;
}

/** Parses the fields of one definition, without those of its bases. */
export function ownFields(def: TypeDef): [string, FieldDef][] {
  return Object.entries(def.fields).map(([name, type]) => [name, fieldDef(type)]);
}

/** Reads "VirtualDevice[]" as a repeated VirtualDevice. */
export function fieldDef(type: string): FieldDef {
  return type.endsWith("[]") ? { type: type.slice(0, -2), repeated: true } : { type, repeated: false };
}

const allFields = new Map([...typeTable].map(([name, def]) => [name, new Map(inherited(def))]));

function inherited(def: TypeDef): [string, FieldDef][] {
  const base = def.base === undefined ? undefined : typeTable.get(def.base);
  return [...(base ? inherited(base) : []), ...ownFields(def)];
}
