import { randomUUID } from "node:crypto";
import {
  type CreateVMRequest,
  CreateVMRequest as Request,
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  VMSpec,
} from "@virtrigaud/proto";

const gib = 1024 ** 3;

/** The seed documents' complete example (class hypervisor-class), as the controller translates it. */
export function nestedSpec(name: string): VMSpec {
  return VMSpec.fromPartial({
    name,
    cpus: 8,
    memoryBytes: 16 * gib,
    firmware: Firmware.UEFI,
    nestedVirtualization: { policy: NestedPolicy.REQUIRED },
    virtualizationBasedSecurity: false,
    cpuHotAdd: true,
    memoryHotAdd: true,
    latencySensitivity: LatencySensitivity.LOW,
    hyperThreadingPolicy: HyperThreadingPolicy.PREFER,
    secureBoot: false,
    iommu: true,
    cpuAllocation: { reservationMhz: 4000 },
    memoryAllocation: { reservationBytes: 8 * gib },
    disks: [
      { name: "root", sizeBytes: 200 * gib, provisioning: DiskProvisioning.THIN, storageClass: "fast-ssd" },
    ],
    cloudInit: { userData: "#cloud-config\nhostname: nested-hypervisor\n" },
  });
}

/** A request to create it under a fresh uid, blank or from the template that the simulated vCenter is stocked with. */
export function createRequest(name: string, from: "blank" | "template" = "blank"): CreateVMRequest {
  const spec = nestedSpec(name);
  if (from === "template")
    spec.image = VMSpec.fromPartial({
      image: { name: "ubuntu", vsphere: { templateName: "ubuntu-22.04" } },
    }).image;
  return Request.fromPartial({ uid: randomUUID(), spec, controllerId: "e2e" });
}
