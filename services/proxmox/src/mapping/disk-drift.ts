import { ChangeEffect, Disk, Feature, Image } from "@virtrigaud/proto";
import { type DeviceInput, deviceChange } from "./device-change.ts";
import { diskSerial } from "./disk-serial.ts";
import { rootSlotOf } from "./disk-slots.ts";
import { disks } from "./disks.ts";
import type { Change } from "./drift.ts";
import { type FoundDisk, foundDisks } from "./found-disks.ts";
import { decodeDrive, encodeDrive } from "./language/drive.ts";
import { size } from "./language/size.ts";
import type { Problems } from "./problems.ts";
import { chooseStorage } from "./storage.ts";
import { optionOf } from "./vm-config.ts";

/**
 * How the disks of a VM differ from the wanted ones. A disk that someone else plugged in stays; one that was asked for before and is not any
 * more is unplugged, and its volume kept.
 */
export function diskChanges(input: DeviceInput, problems: Problems): Change[] {
  const { spec, before, found } = input;
  const held = foundDisks(found.next, spec.disks);
  const known = spec.disks.flatMap((disk) => {
    const one = held.find(({ name }) => name === disk.name);
    return one === undefined ? [] : [...grown(one, disk), ...limited(one, disk, input)];
  });
  const missing = spec.disks.filter(({ name }) => !held.some((one) => one.name === name));
  const dropped = (before?.disks ?? []).filter(({ name }) => !spec.disks.some((disk) => disk.name === name));
  const gone = dropped.flatMap(({ name }) => {
    const one = held.find(({ drive }) => drive.serial === diskSerial(name));
    return one === undefined ? [] : [unplugged(name, one, input)];
  });
  return [...known, ...added(missing, input, problems), ...gone];
}

function grown({ name, slot, drive }: FoundDisk, { sizeBytes: wanted }: Disk): Change[] {
  const { sizeBytes: held } = drive;
  if (wanted === undefined || held === undefined || wanted <= held) return [];
  return [
    {
      feature: Feature.DISK_SIZE,
      subject: name,
      effect: ChangeEffect.LIVE,
      description: `${held} → ${wanted} bytes`,
      set: {},
      remove: [],
      resize: { disk: slot, size: size.encode(wanted) ?? String(wanted) },
    },
  ];
}

function limited({ name, slot, drive }: FoundDisk, { iopsLimit }: Disk, input: DeviceInput): Change[] {
  if (drive.iops === iopsLimit) return [];
  // A bound that nobody asked for is someone else's.
  const wasAsked = input.before?.disks.find((disk) => disk.name === name)?.iopsLimit !== undefined;
  if (iopsLimit === undefined && !wasAsked) return [];
  const description = `${drive.iops ?? "unset"} → ${iopsLimit ?? "unset"}`;
  const option = encodeDrive({ ...drive, iops: iopsLimit });
  return [
    deviceChange({ feature: Feature.DISK_IOPS_LIMIT, subject: name, description }, input, { [slot]: option }),
  ];
}

const unplugged = (subject: string, { slot }: FoundDisk, input: DeviceInput): Change => {
  const description = `at ${slot} → detached, kept as an unused disk`;
  return deviceChange({ feature: Feature.DISK_SIZE, subject, description }, input, {}, [slot]);
};

function added(missing: readonly Disk[], input: DeviceInput, problems: Problems): Change[] {
  if (missing.length === 0) return [];
  const { found, node, settings } = input;
  const root = rootSlotOf(found.next);
  const templateVolume =
    root === undefined ? undefined : decodeDrive(optionOf(found.next, root) ?? "").volume;
  const blank = { ...input.spec, image: undefined, disks: [...missing] };
  const storage = chooseStorage(blank, { node, settings, templateVolume }, problems);
  // The disk that is there stands first and keeps its slot, as the one of a template does.
  const beside = { ...blank, image: Image.create(), disks: [Disk.create(), ...missing] };
  const { options } = disks(root === undefined ? blank : beside, storage, found.next, problems);
  const { scsihw, ...drives } = options;
  return missing.flatMap(({ name }) => {
    const slot = Object.keys(drives).find(
      (one) => decodeDrive(String(drives[one])).serial === diskSerial(name),
    );
    if (slot === undefined) return [];
    const set = { ...(scsihw === undefined ? {} : { scsihw }), [slot]: drives[slot] ?? "" };
    return [
      deviceChange(
        { feature: Feature.DISK_SIZE, subject: name, description: `absent → ${slot}` },
        input,
        set,
      ),
    ];
  });
}
