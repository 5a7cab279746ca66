import { array, struct } from "../../xdr/composites.ts";
import { hyper, int, uint } from "../../xdr/numbers.ts";
import { procedure, quick } from "../procedure.ts";
import { flag, flags, MAX_OBJECTS, needResults, network, optionalText, text, uuid } from "../types.ts";

const MAX_LEASES = 65_536;

/** `expiry` in seconds since 1970; type 0 IPv4, 1 IPv6. */
const lease = struct({
  interface: text,
  expiry: hyper,
  type: int,
  mac: optionalText,
  iaid: optionalText,
  address: text,
  prefix: uint,
  hostname: optionalText,
  clientId: optionalText,
});

/** libvirt's networks. */
export const networkProcedures = {
  connectListAllNetworks: quick(283, {
    args: { needResults, flags },
    returns: { networks: array(network, MAX_OBJECTS), count: uint },
  }),
  networkLookupByName: quick(46, { args: { name: text }, returns: { network } }),
  networkLookupByUuid: quick(47, { args: { uuid }, returns: { network } }),
  networkGetXmlDesc: quick(43, { args: { network, flags }, returns: { xml: text } }),
  networkIsActive: quick(152, { args: { network }, returns: { active: flag } }),
  networkGetBridgeName: quick(45, { args: { network }, returns: { name: text } }),
  /** Without mac: all of the network's. */
  networkGetDhcpLeases: procedure(341, {
    args: { network, mac: optionalText, needResults, flags },
    returns: { leases: array(lease, MAX_LEASES), count: uint },
  }),
};
