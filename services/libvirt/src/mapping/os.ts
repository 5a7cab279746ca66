import { Firmware, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

const remedy =
  "install UEFI firmware on the host (Debian, Ubuntu: apt install ovmf; RHEL: dnf install edk2-ovmf) or set firmware: BIOS";

/**
 * Machine and firmware. libvirt chooses the firmware's files by its features and makes the variables; without a firmware it is SeaBIOS.
 * q35 is what secure boot and an IOMMU need, so every VM has it. Takes the effective spec.
 */
export function os(spec: VMSpec, { domain, name }: HostFacts, problems: Problems): Element {
  const type = el("type", { arch: "x86_64", machine: "q35" }, "hvm");
  if (spec.firmware !== Firmware.UEFI) return el("os", {}, [type]);
  if (domain.efi === false)
    problems.add(
      "spec.firmware",
      "FIRMWARE_UNSUPPORTED",
      `host ${name} has no UEFI firmware for VMs; ${remedy}`,
    );
  else if (spec.secureBoot && domain.secureBoot === false)
    problems.add(
      "spec.secure_boot",
      "SECURE_BOOT_UNSUPPORTED",
      `host ${name} has no UEFI firmware with secure boot; ${remedy}`,
    );
  return el("os", { firmware: "efi" }, [type, ...firmwareFeatures(spec)]);
}

/** Said also where nobody asked: left to itself, Debian's libvirt chooses a firmware with enrolled keys that boots nothing unsigned. */
function firmwareFeatures({ secureBoot }: VMSpec): Element[] {
  const enabled = secureBoot ? "yes" : "no";
  const names = secureBoot ? ["secure-boot", "enrolled-keys"] : ["secure-boot"];
  return [
    el(
      "firmware",
      {},
      names.map((name) => el("feature", { enabled, name })),
    ),
  ];
}
