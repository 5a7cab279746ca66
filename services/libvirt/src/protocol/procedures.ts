import type { Value } from "../xdr/codec.ts";
import { connectionProcedures } from "./procedures/connection.ts";
import { deviceProcedures } from "./procedures/device.ts";
import { domainProcedures } from "./procedures/domain.ts";
import { networkProcedures } from "./procedures/network.ts";
import { nodeProcedures } from "./procedures/node.ts";
import { powerProcedures } from "./procedures/power.ts";
import { snapshotProcedures } from "./procedures/snapshot.ts";
import { storageProcedures } from "./procedures/storage.ts";

/**
 * Every call the provider makes, under libvirt's public name. libvirt keeps numbers and shapes for good; a daemon
 * older than a call refuses it with ErrorCode.NO_SUPPORT.
 */
export const procedures = {
  ...connectionProcedures,
  ...nodeProcedures,
  ...domainProcedures,
  ...powerProcedures,
  ...deviceProcedures,
  ...snapshotProcedures,
  ...storageProcedures,
  ...networkProcedures,
};

export type Procedures = typeof procedures;
export type ProcedureName = keyof Procedures;
/** What a call takes. */
export type Arguments<N extends ProcedureName> = Value<Procedures[N]["args"]>;
/** What a call answers. */
export type Returns<N extends ProcedureName> = Value<Procedures[N]["returns"]>;
