import type { VMSpec } from "@virtrigaud/proto";
import { el, type Element } from "./xml.ts";

/**
 * An emulated Intel IOMMU, which works on AMD hosts as well: with interrupt remapping, and with the caching mode that assigning devices to
 * inner VMs needs. No eim: it serves more CPUs than the contract has, and QEMU's TCG refuses it.
 */
export function iommu({ iommu: asked }: VMSpec): Element[] {
  if (!asked) return [];
  const driver = el("driver", { intremap: "on", caching_mode: "on", iotlb: "on" });
  return [el("iommu", { model: "intel" }, [driver])];
}
