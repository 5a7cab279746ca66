import { mostCpus } from "./knobs.ts";
import { decodeDrive } from "./language/drive.ts";
import { decodeHotplug } from "./language/hotplug.ts";
import { decodeMemory } from "./language/memory.ts";
import { decodeNet } from "./language/net.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

/** Options that say nothing to QEMU, and those that control groups take at any time. */
const always =
  /^(?:description|name|onboot|protection|startup|tags|vmstatestorage|migrate_\w+|cpuunits|cpulimit)$/;
const hotDisk = /^(?:scsi|virtio)\d+$/;
/** Keys of a drive that QEMU reads when it starts. */
const coldKeys = ["discard", "iothread", "ssd", "cache"] as const;

/**
 * Whether a running VM takes a change at once, by what it runs with; `wanted` undefined removes the option. It follows vmconfig_hotplug_pending
 * of qemu-server; what Proxmox VE really did shows in `GET pending` afterwards.
 */
export function actsAtOnce(option: string, wanted: string | undefined, current: VmConfig): boolean {
  const runs = optionOf(current, option);
  const hotplug = decodeHotplug(optionOf(current, "hotplug"));
  if (always.test(option)) return true;
  if (option === "vcpus") return hotplug.has("cpu") && fitsCores(wanted, current);
  if (option === "memory") return hotplug.has("memory") && decodeMemory(wanted) > decodeMemory(runs);
  if (option === "balloon") return wanted === undefined ? runs !== "0" : (wanted === "0") === (runs === "0");
  if (option === "hotplug") return !/cpu|memory/.test(`${wanted ?? ""},${runs ?? ""}`);
  if (/^net\d+$/.test(option)) return hotplug.has("network") || isSameCard(wanted, runs);
  if (hotDisk.test(option)) return isHotDisk(wanted, runs, hotplug.has("disk"));
  return false;
}

const fitsCores = (wanted: string | undefined, current: VmConfig): boolean =>
  wanted === undefined || Number(wanted) <= mostCpus(current);

/** Bridge, VLAN and filter are the node's side of a card. */
function isSameCard(wanted: string | undefined, runs: string | undefined): boolean {
  if (wanted === undefined || runs === undefined) return false;
  const [next, now] = [decodeNet(wanted), decodeNet(runs)];
  return (
    next.model === now.model && next.mac === now.mac && next.mtu === now.mtu && next.queues === now.queues
  );
}

function isHotDisk(wanted: string | undefined, runs: string | undefined, canPlug: boolean): boolean {
  if (wanted === undefined || runs === undefined) return canPlug;
  const [next, now] = [decodeDrive(wanted), decodeDrive(runs)];
  return next.volume === now.volume && coldKeys.every((key) => next[key] === now[key]);
}
