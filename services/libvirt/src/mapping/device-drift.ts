import { ChangeEffect, Feature } from "@virtrigaud/proto";
import { attachedTo, macOf } from "./applied-interfaces.ts";
import type { Change, DriftInput } from "./drift.ts";
import { diskDevices, diskName, fileOf } from "./found-disks.ts";
import type { LiveAction } from "./live-actions.ts";
import { all, type Element, first, renderXml, textOf } from "./xml.ts";

/** How the disks and network interfaces of a domain differ from the wanted ones. A disk that is not wanted is detached and kept. */
export const deviceChanges = (input: DriftInput): Change[] => [
  ...diskChanges(input),
  ...interfaceChanges(input),
];

function diskChanges({ spec, uid, wanted, stored, live, capacities }: DriftInput): Change[] {
  const nameOf = (device: Element) => diskName(device, uid);
  const [want, have] = [byKey(diskDevices(wanted), nameOf), byKey(diskDevices(stored), nameOf)];
  const grown = spec.disks.flatMap(({ name, sizeBytes }) => {
    const device = have.get(name);
    const size = device && capacities.get(fileOf(device));
    if (device === undefined || size === undefined || sizeBytes === undefined || sizeBytes <= size) return [];
    const target = first(device, "target")?.attributes.dev ?? "";
    const action: LiveAction = { kind: "grow-disk", target, path: fileOf(device), capacityBytes: sizeBytes };
    // Growing is a call also while the domain is off: its definition says nothing of sizes.
    return [{ ...change(Feature.DISK_SIZE, name, `${size} → ${sizeBytes} bytes`, live, action), action }];
  });
  const limited = [...want].flatMap(([name, device]) => {
    const found = have.get(name);
    const [asked, held] = [iops(device), iops(found)];
    if (found === undefined || asked === held) return [];
    return [change(Feature.DISK_IOPS_LIMIT, name, `${held ?? "unset"} → ${asked ?? "unset"}`, live)];
  });
  return [...comings(Feature.DISK_SIZE, want, have, live), ...grown, ...limited];
}

const iops = (device: Element | undefined): string | undefined => textOf(device, "iotune", "total_iops_sec");

function interfaceChanges({ wanted, stored, live }: DriftInput): Change[] {
  const [want, have] = [byKey(nics(wanted), macOf), byKey(nics(stored), macOf)];
  const moved = [...want].flatMap(([mac, device]) => {
    const found = have.get(mac);
    const [asked, held] = [summary(device), found && summary(found)];
    return held === undefined || asked === held
      ? []
      : [change(Feature.NETWORK_INTERFACE, mac, `${held} → ${asked}`, live)];
  });
  return [...comings(Feature.NETWORK_INTERFACE, want, have, live), ...moved];
}

const nics = (domain: Element): readonly Element[] => all(domain, "devices", "interface");

function summary(nic: Element): string {
  const model = first(nic, "model")?.attributes.type ?? "no model";
  const vlan = first(nic, "vlan", "tag")?.attributes.id ?? "none";
  const mtu = first(nic, "mtu")?.attributes.size ?? "default";
  return `${attachedTo(nic)}, ${model}, VLAN ${vlan}, MTU ${mtu}`;
}

/** Devices that are wanted and not there, and those that are there and not wanted. */
function comings(
  feature: Feature,
  want: ReadonlyMap<string, Element>,
  have: ReadonlyMap<string, Element>,
  live: Element | undefined,
): Change[] {
  const added = [...want].filter(([key]) => !have.has(key));
  const gone = [...have].filter(([key]) => !want.has(key));
  return [
    ...added.map(([key, device]) =>
      change(feature, key, "absent → attached", live, { kind: "attach-device", xml: renderXml(device) }),
    ),
    ...gone.map(([key, device]) =>
      change(feature, key, "attached → detached, kept", live, {
        kind: "detach-device",
        xml: renderXml(device),
      }),
    ),
  ];
}

function change(
  feature: Feature,
  subject: string,
  description: string,
  live: Element | undefined,
  action?: LiveAction,
): Change {
  const isAtOnce = live === undefined || action !== undefined;
  return {
    feature,
    subject,
    effect: isAtOnce ? ChangeEffect.LIVE : ChangeEffect.RESTART_REQUIRED,
    description,
    ...(live === undefined || action === undefined ? {} : { action }),
  };
}

const byKey = (devices: readonly Element[], key: (device: Element) => string): ReadonlyMap<string, Element> =>
  new Map(devices.map((device) => [key(device), device]));
