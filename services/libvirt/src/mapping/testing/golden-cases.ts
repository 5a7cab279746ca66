import {
  DiskController,
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
} from "@virtrigaud/proto";
import type { Planned } from "../plan.ts";
import { amd, tcg } from "./sample-hosts.ts";
import { completeExample, firstClass, plan, ubuntu } from "./sample-plan.ts";

const gib = 1024 ** 3;
const mib = 1024 ** 2;

/** Plans whose whole domain XML is kept in ../testdata, by the name of the file. */
export const goldenCases: Readonly<Record<string, () => Planned>> = {
  "domain-minimal": () => plan(),
  "domain-seed-intel": () => plan(completeExample(), { image: ubuntu }),
  "domain-seed-tcg": () => plan(completeExample(), { image: ubuntu, host: tcg() }),
  "domain-vbs-intel": () => plan(firstClass()),
  "domain-vbs-amd": () => plan(firstClass(), { host: amd() }),
  "domain-vbs-tcg": () => plan(firstClass({ memoryBytes: 256 * mib, cpus: 1, disks: [] }), { host: tcg() }),
  "domain-no-nesting-tcg": () =>
    plan(
      { cpus: 1, memoryBytes: 256 * mib, nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      { host: tcg() },
    ),
  "domain-latency-high": () =>
    plan(
      {
        cpus: 4,
        firmware: Firmware.BIOS,
        nestedVirtualization: { policy: NestedPolicy.REQUIRED },
        latencySensitivity: LatencySensitivity.HIGH,
        hyperThreadingPolicy: HyperThreadingPolicy.REQUIRE,
        tpm: undefined,
      },
      { settings: { storageClasses: {}, cpuMode: "host-passthrough" } },
    ),
  "domain-bounds": () =>
    plan({
      firmware: Firmware.UEFI,
      secureBoot: true,
      tpm: { version: TpmVersion.TPM_VERSION_2_0 },
      hyperThreadingPolicy: HyperThreadingPolicy.AVOID,
      cpuAllocation: { limitMhz: 1200, shares: 3000 },
      memoryAllocation: { limitBytes: 6 * gib },
      tags: ["prod", "team b"],
    }),
  "domain-devices": () =>
    plan({
      disks: [
        { name: "root", sizeBytes: 20 * gib },
        { name: "data", sizeBytes: 10 * gib, controller: DiskController.PARAVIRTUAL_SCSI, iopsLimit: 500 },
        {
          name: "logs",
          sizeBytes: 10 * gib,
          controller: DiskController.LSI_LOGIC_SAS,
          storageClass: "fast-ssd",
        },
        {
          name: "cache",
          sizeBytes: gib,
          controller: DiskController.SATA,
          provisioning: DiskProvisioning.THICK,
        },
      ],
      networkInterfaces: [
        { name: "front", libvirt: { network: "default" }, mtuBytes: 9000 },
        { name: "back", libvirt: { bridge: "br0" }, macAddress: "52:54:00:AB:cd:01", model: "e1000e" },
        { name: "trunk", libvirt: { network: "ovs" }, vlanId: 42 },
        { name: "fast", sriovDevice: "0000:03:10.1", vlanId: 7 },
        { name: "pool", sriovDevice: "vfs" },
      ],
    }),
};
