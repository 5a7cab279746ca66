import {
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  type Tpm,
  TpmVersion,
  type VMSpec,
} from "@virtrigaud/proto";
import { parseQuantity } from "../api/quantity.ts";
import type { VMClass } from "../api/vm-class.ts";
import type { Obstacle } from "../obstacle.ts";
import { cpuAllocation, memoryAllocation } from "./allocation.ts";
import { cloudInit } from "./cloud-init.ts";
import { disks } from "./disks.ts";
import { imageOf } from "./image.ts";
import type { Inputs } from "./inputs.ts";
import { nativeName } from "./naming.ts";
import { nestedVirtualization } from "./nested.ts";
import { networkInterfaces } from "./network.ts";
import { placement } from "./placement.ts";

const FIRMWARE = { BIOS: Firmware.BIOS, UEFI: Firmware.UEFI } as const;
const LATENCY = {
  low: LatencySensitivity.LOW,
  normal: LatencySensitivity.NORMAL,
  high: LatencySensitivity.HIGH,
} as const;
const HYPER_THREADING = {
  auto: HyperThreadingPolicy.AUTO,
  prefer: HyperThreadingPolicy.PREFER,
  avoid: HyperThreadingPolicy.AVOID,
  require: HyperThreadingPolicy.REQUIRE,
} as const;
const TPM_VERSIONS = { "1.2": TpmVersion.TPM_VERSION_1_2, "2.0": TpmVersion.TPM_VERSION_2_0 } as const;

/** What the resources ask for in the contract's terms, with everything that cannot be said in them. */
export interface Translation {
  readonly spec: VMSpec;
  readonly obstacles: readonly Obstacle[];
}

/** Custom resources to the contract's VMSpec: the only translation that the controller makes. */
export function translate(inputs: Inputs): Translation {
  const { vm, vmClass, provider, image } = inputs;
  const { performanceProfile: performance = {}, securityProfile: security = {}, ...size } = vmClass.spec;
  const { latencySensitivity, hyperThreadingPolicy } = performance;
  const obstacles: Obstacle[] = [];
  const report = (reason: string, message: string) => void obstacles.push({ reason, message, final: true });
  if (vm.metadata.annotations?.["virtrigaud.io/adopt-vm"] !== undefined) {
    report(
      "AdoptionUnsupported",
      "annotation virtrigaud.io/adopt-vm: this version makes VMs and does not adopt them yet",
    );
  }
  const spec: VMSpec = {
    name: nativeName(vm, provider, report),
    cpus: vm.spec.resources?.cpu ?? size.cpu,
    memoryBytes: memoryBytes(inputs),
    firmware: size.firmware === undefined ? Firmware.UNSPECIFIED : FIRMWARE[size.firmware],
    nestedVirtualization: nestedVirtualization(performance.nestedVirtualization),
    virtualizationBasedSecurity: performance.virtualizationBasedSecurity,
    cpuHotAdd: performance.cpuHotAddEnabled,
    memoryHotAdd: performance.memoryHotAddEnabled,
    latencySensitivity:
      latencySensitivity === undefined ? LatencySensitivity.UNSPECIFIED : LATENCY[latencySensitivity],
    hyperThreadingPolicy:
      hyperThreadingPolicy === undefined
        ? HyperThreadingPolicy.UNSPECIFIED
        : HYPER_THREADING[hyperThreadingPolicy],
    secureBoot: security.secureBoot,
    tpm: tpm(security),
    iommu: security.vtdEnabled,
    cpuAllocation: cpuAllocation(size.resourceLimits),
    memoryAllocation: memoryAllocation(size.resourceLimits),
    disks: disks(inputs, report),
    networkInterfaces: networkInterfaces(inputs, report),
    placement: placement(vm, provider),
    image: image && imageOf(image),
    cloudInit: cloudInit(inputs, report),
    tags: vm.spec.tags ?? [],
    extraConfig: size.extraConfig ?? {},
  };
  return { spec, obstacles };
}

function memoryBytes({ vm, vmClass }: Inputs): number {
  const mebibytes = vm.spec.resources?.memoryMiB;
  return mebibytes === undefined ? parseQuantity(vmClass.spec.memory) : mebibytes * 2 ** 20;
}

/** tpmEnabled: false and an absent field both mean "not asked for"; a version alone asks for nothing. */
function tpm({ tpmEnabled, tpmVersion }: NonNullable<VMClass["spec"]["securityProfile"]>): Tpm | undefined {
  if (tpmEnabled !== true) return undefined;
  return {
    version: tpmVersion === undefined ? TpmVersion.TPM_VERSION_UNSPECIFIED : TPM_VERSIONS[tpmVersion],
  };
}
