import { z } from "zod";
import { integer, text, textMap } from "./fields.ts";
import { IPAllocation } from "./network-addresses.ts";
import { LibvirtNetwork, ProxmoxNetwork, VSphereNetwork } from "./network-attachments.ts";
import { NetworkSecurity } from "./network-security.ts";
import { plainAnnotations, resource } from "./resource.ts";

const NetworkConfig = z.strictObject({
  vsphere: VSphereNetwork.optional(),
  libvirt: LibvirtNetwork.optional(),
  proxmox: ProxmoxNetwork.optional(),
  type: z
    .enum(["bridged", "nat", "isolated", "host-only", "external"])
    .optional()
    .describe("Kind of network, as a description."),
  mtu: integer(68, 9000).optional().describe("Largest frame payload in bytes."),
});

const Qos = z.strictObject({
  ingressLimit: z.int().min(1000).optional().describe("Limit towards the VM in bits per second."),
  egressLimit: z.int().min(1000).optional().describe("Limit from the VM in bits per second."),
  priority: integer(0, 7).optional().describe("IEEE 802.1p priority."),
  dscp: integer(0, 63).optional().describe("DSCP mark."),
});

const Metadata = z.strictObject({
  displayName: text(255).optional(),
  description: text(1024).optional(),
  environment: z.enum(["dev", "staging", "prod", "test", "qa", "uat"]).optional(),
  tags: textMap(50).optional(),
});

const VMNetworkAttachmentSpec = z.strictObject({
  network: NetworkConfig.describe("The network by each hypervisor's names."),
  ipAllocation: IPAllocation.optional().describe("How the guest gets its addresses."),
  security: NetworkSecurity.optional().describe("Filtering, isolation and encryption."),
  qos: Qos.optional().describe("Limits and marks of the traffic."),
  metadata: Metadata.optional().describe("Description of the network."),
});

/** VMNetworkAttachment: a network that VMs can be attached to. */
export const VMNetworkAttachment = resource(
  "VMNetworkAttachment",
  VMNetworkAttachmentSpec,
  plainAnnotations(),
);
/** A validated VMNetworkAttachment. */
export type VMNetworkAttachment = z.infer<typeof VMNetworkAttachment>;
