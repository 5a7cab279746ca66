import {
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  type VMSpec,
} from "@virtrigaud/proto";
import { type Part, spec } from "./sample-vm.ts";

const gib = 1024 ** 3;

/** The seed documents' complete example: class hypervisor-class and VM nested-hypervisor. */
export const completeExample = (more: Part<VMSpec> = {}): VMSpec =>
  spec({
    name: "nested-hypervisor",
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
      {
        name: "root",
        sizeBytes: 200 * gib,
        provisioning: DiskProvisioning.THIN,
        storageClass: "fast-ssd",
      },
    ],
    cloudInit: { userData: "#cloud-config\nhostname: nested-hypervisor\n", metaData: {} },
    ...more,
  });

/** The seed documents' first class, with VBS although secure boot is false. */
export const firstClass = (more: Part<VMSpec> = {}): VMSpec =>
  spec({
    name: "nested-vm",
    cpus: 4,
    memoryBytes: 8 * gib,
    firmware: Firmware.UEFI,
    nestedVirtualization: { policy: NestedPolicy.REQUIRED },
    virtualizationBasedSecurity: true,
    cpuHotAdd: true,
    memoryHotAdd: true,
    secureBoot: false,
    iommu: true,
    disks: [{ name: "root", sizeBytes: 100 * gib, provisioning: DiskProvisioning.THIN }],
    ...more,
  });
