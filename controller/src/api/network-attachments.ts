import { z } from "zod";
import { integer, inventoryName, text, textMap } from "./fields.ts";

const vlanId = () => integer(1, 4094).optional().describe("IEEE 802.1Q VLAN.");

const Vlan = z.strictObject({
  type: z.enum(["none", "vlan", "pvlan", "trunk"]).optional(),
  vlanID: vlanId(),
  trunkVlanIDs: z.array(z.int()).max(100).optional(),
  primaryVlanID: vlanId(),
  secondaryVlanID: vlanId(),
});

const DistributedSwitch = z.strictObject({
  name: inventoryName(),
  uuid: z.string().optional(),
  portgroupType: z.enum(["ephemeral", "distributed"]).optional(),
});

const TrafficShaping = z.strictObject({
  enabled: z.boolean().optional(),
  averageBandwidth: z.int().min(1000).optional().describe("Bits per second."),
  peakBandwidth: z.int().min(1000).optional().describe("Bits per second."),
  burstSize: z.int().min(1024).optional().describe("Bytes."),
});

/** Attachment on vSphere. */
export const VSphereNetwork = z.strictObject({
  portgroup: inventoryName().optional().describe("Port group, standard or distributed."),
  distributedSwitch: DistributedSwitch.optional().describe("Distributed switch of the port group."),
  vlan: Vlan.optional(),
  security: z
    .strictObject({
      allowPromiscuous: z.boolean().optional(),
      allowMACChanges: z.boolean().optional(),
      allowForgedTransmits: z.boolean().optional(),
    })
    .optional()
    .describe("Security policy of the port group; nested hypervisors with bridged guests need it relaxed."),
  trafficShaping: TrafficShaping.optional(),
  pciSlotNumber: integer(32, 1024)
    .optional()
    .describe("PCI slot, which names the interface in Linux (192: ens192)."),
  adapterType: z.enum(["vmxnet3", "e1000", "e1000e"]).optional().describe("Device. Absent: vmxnet3."),
});

const Driver = z.strictObject({
  name: z.enum(["kvm", "vfio", "uio"]).optional(),
  queues: integer(1, 16).optional(),
  txMode: z.enum(["iothread", "timer"]).optional(),
  ioEventFD: z.boolean().optional(),
  eventIDX: z.boolean().optional(),
});

/** Attachment on libvirt. */
export const LibvirtNetwork = z.strictObject({
  networkName: inventoryName().optional().describe("libvirt network; else bridge."),
  bridge: z
    .strictObject({
      name: text(15).describe("Bridge on the host."),
      stp: z.boolean().optional(),
      delay: integer(0, 30).optional(),
    })
    .optional()
    .describe("Host bridge; else networkName."),
  model: z
    .enum(["virtio", "e1000", "e1000e", "rtl8139", "pcnet", "ne2k_pci"])
    .optional()
    .describe("Device. Absent: virtio."),
  driver: Driver.optional(),
  filterRef: z.strictObject({ filter: inventoryName(), parameters: textMap(20).optional() }).optional(),
});

/** Attachment on Proxmox VE. */
export const ProxmoxNetwork = z.strictObject({
  bridge: text(15)
    .regex(/^[a-zA-Z][a-zA-Z0-9_.-]*$/)
    .meta({ title: "a bridge or SDN vnet such as vmbr0, at most 15 characters" })
    .optional()
    .describe("Bridge or SDN vnet of the node."),
  model: z.enum(["virtio", "e1000", "rtl8139", "vmxnet3"]).optional().describe("Device. Absent: virtio."),
  vlanTag: vlanId(),
  firewall: z.boolean().optional().describe("Whether the PVE firewall filters the interface."),
  rateLimit: z.int().min(1).optional().describe("Limit in MB/s."),
  mtu: integer(68, 65_520).optional().describe("Largest frame payload in bytes."),
});
