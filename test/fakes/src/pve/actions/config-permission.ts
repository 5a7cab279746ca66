import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import { parsePropertyString } from "../schema/check.ts";
import { isDriveName } from "../schema/drives.ts";
import { netFormat } from "../schema/net.ts";
import { type Drive, isCdrom, isCloudinit } from "./drive.ts";

const groups: readonly { readonly privilege: string; readonly options: ReadonlySet<string> }[] = [
  {
    privilege: "VM.Config.CPU",
    options: new Set("cores cpu runningcpu cpulimit cpuunits numa smp sockets vcpus".split(" ")),
  },
  { privilege: "VM.Config.Memory", options: new Set("memory balloon shares allow-ksm".split(" ")) },
  {
    privilege: "VM.Config.HWType",
    options: new Set(
      "acpi hotplug kvm machine runningmachine scsihw smbios1 tablet vga watchdog audio0 rng0".split(" "),
    ),
  },
  {
    privilege: "VM.Config.Options",
    options: new Set(
      [
        "agent autostart bios description keyboard localtime migrate_downtime migrate_speed name onboot ostype",
        "protection reboot startdate startup tdf template",
      ]
        .join(" ")
        .split(" "),
    ),
  },
  { privilege: "VM.PowerMgmt", options: new Set(["freeze"]) },
  { privilege: "VM.Config.Disk", options: new Set(["boot", "bootdisk", "vmstatestorage"]) },
];
const CLOUDINIT =
  /^(cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;
/** Looked at elsewhere, where their value is known. */
const BY_VALUE = /^(cdrom|tags|(unused|serial|usb|hostpci|virtiofs)\d+)$/;

/** Fails unless the caller may set these options of a VM. */
export function checkOptionPrivileges(call: Call, vmid: number, options: readonly string[]): void {
  if (call.isRoot) return;
  const path = `/vms/${vmid}`;
  for (const option of options) {
    if (isDriveName(option) || BY_VALUE.test(option)) continue;
    const group = groups.find(({ options: members }) => members.has(option));
    if (/^numa\d+$/.test(option)) call.need(path, "VM.Config.CPU");
    else if (option === "vmstate") call.need(path, "VM.Config.Disk", "VM.PowerMgmt");
    else if (group !== undefined) {
      call.need(path, group.privilege);
      if (option === "startup") call.need("/", "Sys.Modify");
    } else if (/^net\d+$/.test(option)) call.need(path, "VM.Config.Network");
    else if (CLOUDINIT.test(option)) call.needAny(path, "VM.Config.Cloudinit", "VM.Config.Network");
    else fail(`only root can set '${option}' config`);
  }
}

/** Fails unless the caller may attach these devices. */
export function checkDevicePrivileges(
  call: Call,
  vmid: number,
  values: Readonly<Record<string, string>>,
): void {
  if (call.isRoot) return;
  const path = `/vms/${vmid}`;
  for (const [option, value] of Object.entries(values).sort()) {
    if (/^serial\d+$/.test(option)) {
      if (value !== "socket") fail(`only root can set '${option}' config for real devices`);
      call.need(path, "VM.Config.HWType");
    } else if (/^usb\d+$/.test(option)) {
      call.need(path, "VM.Config.HWType");
      if (!/^(host=)?spice\b/i.test(value)) fail(`only root can set '${option}' config for real devices`);
    } else if (/^hostpci\d+$/.test(option))
      fail(`only root can set '${option}' config for non-mapped devices`);
    else if (/^virtiofs\d+$/.test(option)) call.need(path, "VM.Config.Disk");
  }
}

/** Fails unless the caller may use the bridges of these cards. There is no such privilege before 8. */
export function checkBridgePrivileges(call: Call, values: Readonly<Record<string, string>>): void {
  const { major } = call.cluster.release;
  if (major < 8) return;
  for (const [option, value] of Object.entries(values).sort()) {
    if (!/^net\d+$/.test(option)) continue;
    const { bridge, tag } = parsePropertyString({ keys: netFormat(major) }, value, call.cluster.book);
    if (bridge === undefined) continue;
    call.need(`/sdn/zones/localnetwork/${bridge}${tag === undefined ? "" : `/${tag}`}`, "SDN.Use");
  }
}

/** Fails unless the caller may attach or detach a drive. */
export function checkDrivePrivileges(call: Call, vmid: number, drive: Drive): void {
  const path = `/vms/${vmid}`;
  if (isCloudinit(drive)) call.need(path, "VM.Config.Cloudinit", "VM.Config.CDROM");
  else if (isCdrom(drive)) call.need(path, "VM.Config.CDROM");
  else call.need(path, "VM.Config.Disk");
}

/** Fails unless the caller may use a custom CPU model. */
export function checkCpuModelPrivileges(
  call: Call,
  values: Readonly<Record<string, string>>,
  before?: Readonly<Record<string, string>>,
): void {
  const model = cpuModelOf(values["cpu"]);
  if (model === undefined || model === cpuModelOf(before?.["cpu"])) return;
  if (model.startsWith("custom-") && call.cluster.release.major >= 9)
    call.need(`/mapping/cpu/${model.slice("custom-".length)}`, "Mapping.Use");
}

/** The model that a `cpu` option names. */
export function cpuModelOf(cpu: string | undefined): string | undefined {
  return /^(?:cputype=)?([^,=]+)/.exec(cpu ?? "")?.[1];
}
