import { z } from "zod";
import { integer, inventoryName, ipv4, ipv4Cidr, localRef, textMap } from "./fields.ts";

const StaticConfig = z.strictObject({
  address: ipv4Cidr(),
  gateway: ipv4().optional(),
  routes: z
    .array(
      z.strictObject({ destination: ipv4Cidr(), gateway: ipv4(), metric: integer(0, 65_535).optional() }),
    )
    .max(20)
    .optional(),
});

/** How a guest gets its addresses. */
export const IPAllocation = z.strictObject({
  type: z.enum(["DHCP", "Static", "Pool", "None"]).optional().describe("Absent: DHCP."),
  staticConfig: StaticConfig.optional(),
  poolConfig: z.strictObject({ poolRef: localRef(), preferredIP: ipv4().optional() }).optional(),
  dhcpConfig: z
    .strictObject({
      clientID: inventoryName().optional(),
      hostname: inventoryName().optional(),
      options: textMap(20).optional(),
    })
    .optional(),
  dnsConfig: z
    .strictObject({
      servers: z.array(z.string()).max(10).optional(),
      searchDomains: z.array(z.string()).max(10).optional(),
      options: textMap(10).optional(),
    })
    .optional(),
});
