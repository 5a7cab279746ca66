import { z } from "zod";
import { integer, inventoryName, localRef } from "./fields.ts";

const POLICIES = ["ACCEPT", "DROP", "REJECT"] as const;

const FirewallRule = z.strictObject({
  name: inventoryName(),
  action: z.enum(POLICIES),
  direction: z.enum(["in", "out", "inout"]),
  protocol: z.enum(["tcp", "udp", "icmp", "all"]).optional(),
  sourceCIDR: z.string().optional(),
  destinationCIDR: z.string().optional(),
  ports: z.strictObject({ start: integer(1, 65_535), end: integer(1, 65_535).optional() }).optional(),
  priority: integer(1, 1000).optional(),
});

/** Filtering, isolation and encryption of a network. */
export const NetworkSecurity = z.strictObject({
  firewall: z
    .strictObject({
      enabled: z.boolean().optional(),
      defaultPolicy: z.enum(POLICIES).optional(),
      rules: z.array(FirewallRule).max(100).optional(),
    })
    .optional(),
  isolation: z
    .strictObject({
      mode: z.enum(["none", "strict", "custom"]).optional(),
      allowedNetworks: z.array(z.string()).max(50).optional(),
      deniedNetworks: z.array(z.string()).max(50).optional(),
    })
    .optional(),
  encryption: z
    .strictObject({
      enabled: z.boolean().optional(),
      protocol: z.enum(["ipsec", "wireguard", "openvpn"]).optional(),
      keyRef: localRef().optional(),
    })
    .optional(),
});
