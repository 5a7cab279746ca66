import { VMSpec } from "@virtrigaud/proto";
import type { ReadVm } from "../existing.ts";
import { readVm } from "../found-vm.ts";
import { decodeDrive, encodeDrive } from "../language/drive.ts";
import { newVolumeBytes } from "../language/volume.ts";
import type { Marker } from "../ownership.ts";
import type { Planned, PlanInput } from "../plan.ts";
import type { VmConfig } from "../vm-config.ts";
import { pendingOf } from "./found-samples.ts";
import { marker, type Part, plan, spec } from "./sample-plan.ts";

/** The marker of a spec, as a controller makes it. */
export function markerOf(asked: Part<VMSpec>): Marker {
  const { cloudInit: _, ...kept } = spec(asked);
  return { ...marker, canonicalSpec: JSON.stringify(VMSpec.toJSON(VMSpec.fromPartial(kept))) };
}

export interface StoredVm {
  planned: Planned;
  vm: ReadVm;
}

/** A VM that was made by a plan, as it is read back, changed by someone afterwards. */
export function storedVm(
  asked: Part<VMSpec>,
  {
    more = {},
    status = "stopped",
    changed = {},
    pending = {},
    removed = [],
  }: {
    more?: Partial<PlanInput>;
    status?: string;
    changed?: VmConfig;
    pending?: VmConfig;
    removed?: readonly string[];
  } = {},
): StoredVm {
  const planned = plan(asked, { ...more, marker: markerOf(asked) });
  const config = { ...asStored(planned.config), ...changed };
  const vm = readVm({
    row: { type: "qemu", vmid: 100, node: planned.plan?.node ?? "pve1", name: "vm-1", status },
    pending: pendingOf(config, pending, removed),
  });
  if (vm?.config === undefined) throw new Error("a VM that was read has a configuration");
  return { planned, vm: { ...vm, config: vm.config } };
}

/** Options as Proxmox VE stores them: what asks for a volume became one, with its size. */
const asStored = (config: VmConfig): VmConfig =>
  Object.fromEntries(
    Object.entries(config).map(([option, value], index) => [
      option,
      storedOption(option, String(value), index),
    ]),
  );

function storedOption(option: string, value: string, index: number): string {
  if (!/^(?:scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/.test(option)) return value;
  const { volume = "", format: _, ...rest } = decodeDrive(value);
  const sizeBytes = newVolumeBytes(volume);
  if (sizeBytes === undefined) return value;
  return encodeDrive({ volume: `${volume.split(":")[0]}:vm-100-disk-${index}`, ...rest, sizeBytes });
}
