import { isDeepStrictEqual } from "node:util";
import { needsFullReservations } from "@virtrigaud/kit/outcomes";
import type { Owner } from "@virtrigaud/proto";
import { guestLinks } from "../addresses.ts";
import { diskDevices, fileOf } from "../mapping/found-disks.ts";
import { type Marker, readMarker, requestedSpec } from "../mapping/metadata.ts";
import { type Element, first, textOf } from "../mapping/xml.ts";
import { filesOf, type Known, type Run, type Seen, type SeenRun, type Stored } from "./known.ts";
import { pack } from "./packed-xml.ts";
import { pinnedCpus } from "./pinned-cpus.ts";

/** Puts what was seen into what was known. Undefined as long as that is not all of a domain. */
export function merge(known: Known | undefined, seen: Omit<Seen, "at">): Known | undefined {
  const stored = seen.stored ? storedPart(seen.stored) : known?.stored;
  const run = seen.run ? runPart(seen.run, known?.run) : known?.run;
  if (stored === undefined || run === undefined) return undefined;
  const isSameRun = run.live !== undefined && run.live.id === known?.run.live?.id;
  // A source that could not tell this time leaves what it told before of the same run.
  const told = Object.entries(seen.reports ?? {}).filter(([, report]) => report !== undefined);
  const reports = { ...(isSameRun ? known?.reports : {}), ...Object.fromEntries(told) };
  return {
    domain: { uuid: seen.uuid, name: stored.name, id: run.live?.id ?? -1 },
    stored,
    run,
    reports: run.live === undefined ? {} : reports,
    volumes: seen.volumes ?? volumesBefore(known, { stored, run }),
  };
}

function storedPart(xml: Element): Stored {
  const marker = readMarker(xml);
  const asked = requestedSpec(marker);
  const isReserving =
    asked !== undefined &&
    (needsFullReservations(asked) ||
      asked.cpuAllocation?.reservationMhz !== undefined ||
      asked.memoryAllocation?.reservationBytes !== undefined);
  return {
    name: textOf(xml, "name") ?? "",
    xml: pack(xml),
    owner: marker && ownerOf(marker),
    reserving: isReserving ? asked : undefined,
    pins: marker === undefined ? [] : pinnedCpus(xml),
    files: diskFiles(xml),
  };
}

const ownerOf = ({ uid, specFingerprint, controllerId }: Marker): Owner => ({
  uid,
  specFingerprint,
  controllerId,
});

function runPart({ state, live, hasManagedSave }: SeenRun, before: Run | undefined): Run {
  if (live === undefined) return { state, hasManagedSave };
  if (live === "as before") return { state, hasManagedSave, live: before?.live };
  return {
    state,
    hasManagedSave,
    live: {
      id: Number(live.attributes.id),
      xml: pack(live),
      links: guestLinks(live),
      files: diskFiles(live),
      bases: diskBases(live),
    },
  };
}

const diskFiles = (domain: Element): string[] =>
  diskDevices(domain)
    .map(fileOf)
    .filter((path) => path !== "");

const diskBases = (domain: Element): string[] =>
  diskDevices(domain).map((disk) => first(disk, "backingStore", "source")?.attributes.file ?? "");

/** What was read of volumes holds as long as the disks are the same. */
function volumesBefore(before: Known | undefined, after: Pick<Known, "stored" | "run">): Known["volumes"] {
  if (filesOf(after).length === 0) return [];
  if (before === undefined) return undefined;
  const [was, is] = [before.run.live, after.run.live];
  const isOnSame = was === undefined || is === undefined || isDeepStrictEqual(was.bases, is.bases);
  return isOnSame && isDeepStrictEqual(filesOf(before), filesOf(after)) ? before.volumes : undefined;
}
