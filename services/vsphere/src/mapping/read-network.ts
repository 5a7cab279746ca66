import type {
  DVPortgroupConfigInfo,
  NetworkReference,
  NetworkSummary,
  OpaqueNetworkSummary,
} from "../vim/types.ts";
import { decodeName } from "./entity-name.ts";
import type { Entity, Network } from "./inventory.ts";
import type { ObjectProperties } from "./read-inventory.ts";

/** A port group or segment; `byId` holds the switches that distributed port groups belong to. */
export function readNetwork(
  { obj, props }: ObjectProperties,
  byId: ReadonlyMap<string, ObjectProperties>,
): Omit<Network, keyof Entity> | undefined {
  const ref = obj as NetworkReference;
  switch (obj.type) {
    case "DistributedVirtualPortgroup":
      return distributed(ref, props.config as DVPortgroupConfigInfo | undefined, byId);
    case "OpaqueNetwork":
      return opaque(ref, props.summary as NetworkSummary | OpaqueNetworkSummary | undefined);
    default:
      return { ref, uplink: false };
  }
}

/** A distributed port group whose switch cannot be read is of no use: a card needs the switch's UUID. */
function distributed(
  ref: NetworkReference,
  config: DVPortgroupConfigInfo | undefined,
  byId: ReadonlyMap<string, ObjectProperties>,
): Omit<Network, keyof Entity> | undefined {
  const dvs = byId.get(config?.distributedVirtualSwitch?.value ?? "");
  const switchUuid = dvs?.props.uuid as string | undefined;
  if (config === undefined || dvs === undefined || switchUuid === undefined) return undefined;
  return {
    ref,
    uplink: config.uplink === true,
    distributed: { portgroupKey: config.key, switchName: decodeName(dvs.props.name), switchUuid },
  };
}

function opaque(
  ref: NetworkReference,
  summary: NetworkSummary | OpaqueNetworkSummary | undefined,
): Omit<Network, keyof Entity> | undefined {
  if (summary === undefined || !("opaqueNetworkId" in summary)) return undefined;
  const { opaqueNetworkId: id, opaqueNetworkType: type } = summary;
  return { ref, uplink: false, opaque: { id, type } };
}
