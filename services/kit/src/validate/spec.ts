import type { Violation, VMSpec } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";
import { validateDisks } from "./disks.ts";
import { validateImage } from "./image.ts";
import { validateName } from "./names.ts";
import { validateNetworkInterfaces } from "./network-interfaces.ts";
import { validateMebibytes, validateRange, validateReservation } from "./numbers.ts";

/**
 * Everything that is wrong with a spec on its own, whatever the hypervisor; enum values apart, which validateEnums tells.
 * @param path path of the spec in the request.
 * @param keepsDisks whether the spec is for a VM that exists, whose root disk may leave its size as it is.
 */
export function validateSpec(spec: VMSpec, path = "spec", keepsDisks = false): Violation[] {
  const cpu = spec.cpuAllocation;
  const memory = spec.memoryAllocation;
  return [
    ...validateName(spec.name, `${path}.name`),
    ...validateRange(spec.cpus, 1, 128, `${path}.cpus`),
    ...validateMebibytes(spec.memoryBytes, `${path}.memory_bytes`),
    ...validateReservation(
      cpu?.reservationMhz,
      cpu?.limitMhz,
      `${path}.cpu_allocation.reservation_mhz`,
      "limit_mhz",
    ),
    ...validateReservation(
      memory?.reservationBytes,
      memory?.limitBytes,
      `${path}.memory_allocation.reservation_bytes`,
      "limit_bytes",
    ),
    ...validateDisks(spec.disks, spec.image !== undefined || keepsDisks, `${path}.disks`),
    ...validateNetworkInterfaces(spec.networkInterfaces, `${path}.network_interfaces`),
    ...(spec.image ? validateImage(spec.image, `${path}.image`) : []),
    ...validateExtraConfig(spec.extraConfig, `${path}.extra_config`),
  ];
}

function validateExtraConfig(extraConfig: VMSpec["extraConfig"], field: string): Violation[] {
  return Object.keys(extraConfig)
    .filter((key) => key.trim() === "")
    .map(() => violation(field, "INVALID_NAME", "must not have an empty key"));
}
