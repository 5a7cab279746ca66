/**
 * The vim25 data objects this provider reads and writes, under their own names, fields and units.
 *
 * Polymorphic objects carry their type as `$type`. An absent field is "unset" on the wire, which vSphere
 * tells apart from false and zero. Times are ISO 8601 strings as the server wrote them.
 * Source: VMware's public "vSphere Web Services API" reference.
 */
export type * from "./types/config.ts";
export type * from "./types/device.ts";
export type * from "./types/device-backing.ts";
export type * from "./types/fault.ts";
export type * from "./types/host.ts";
export type * from "./types/inventory.ts";
export type * from "./types/placement.ts";
export type * from "./types/property.ts";
export type * from "./types/reference.ts";
export type * from "./types/service.ts";
export type * from "./types/virtual-machine.ts";
