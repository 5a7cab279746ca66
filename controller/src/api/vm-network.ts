import { z } from "zod";
import { integer, ipv4, label, objectRef } from "./fields.ts";

/** A network interface of a VM. */
export const Network = z.strictObject({
  name: label().describe("Name, unique within the VM."),
  networkRef: objectRef().optional().describe("VMNetworkAttachment. Absent: the provider's default network."),
  ipAddress: ipv4().optional().describe("Static address for the guest. Absent: DHCP."),
  prefix: integer(1, 32).optional().describe("Prefix length of ipAddress."),
  gateway: ipv4().optional().describe("Default gateway."),
  dns: z.string().optional().describe("Name servers, separated by commas."),
  macAddress: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/)
    .meta({ title: "a MAC address such as 52:54:00:12:34:56" })
    .optional()
    .describe("MAC address. Absent: the hypervisor assigns one."),
});
