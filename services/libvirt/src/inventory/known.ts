import { isDeepStrictEqual } from "node:util";
import type { Owner, VMSpec } from "@virtrigaud/proto";
import { type GuestLinks, interfacesIn, type Reports } from "../addresses.ts";
import { type Domain, DomainState } from "../client/index.ts";
import type { DiskVolume } from "../mapping/applied-disks.ts";
import type { Element } from "../mapping/xml.ts";
import type { Found } from "../read-domain.ts";
import { type PackedXml, unpack } from "./packed-xml.ts";

/** What is stored of a domain. */
export interface Stored {
  readonly name: string;
  readonly xml: PackedXml;
  readonly owner: Owner | undefined;
  /** The spec that was asked for, where it reserves something of the host. */
  readonly reserving: VMSpec | undefined;
  /** Host CPUs that its own are pinned to. */
  readonly pins: readonly number[];
  readonly files: readonly string[];
}

/** What runs of it; without `live` nothing does. */
export interface Run {
  readonly state: number;
  readonly hasManagedSave: boolean;
  readonly live?: Live | undefined;
}

interface Live {
  readonly id: number;
  readonly xml: PackedXml;
  readonly links: GuestLinks;
  readonly files: readonly string[];
  /** What its files are on top of, which only a running domain tells. */
  readonly bases: readonly string[];
}

/** A domain as the picture holds it: never changed, only replaced. */
export interface Known {
  readonly domain: Domain;
  readonly stored: Stored;
  readonly run: Run;
  readonly reports: Reports;
  /** Undefined: not read since its disks were last others. */
  readonly volumes: readonly DiskVolume[] | undefined;
}

/** What a look at a domain brought; what is undefined was not looked at. */
export interface Seen {
  readonly uuid: string;
  /** performance.now() when the look began. */
  readonly at: number;
  readonly stored?: Element | undefined;
  readonly run?: SeenRun | undefined;
  readonly reports?: Reports | undefined;
  readonly volumes?: readonly DiskVolume[] | undefined;
}

export interface SeenRun {
  readonly state: number;
  readonly hasManagedSave: boolean;
  /** Undefined when nothing runs. */
  readonly live: Element | "as before" | undefined;
}

/** Files of the disks in use. */
export const filesOf = ({ stored, run }: Pick<Known, "stored" | "run">): readonly string[] =>
  run.live?.files ?? stored.files;

/** Whether a domain is what it was. Volumes that nobody had read are no news: whoever is told of them waits until they are. */
export const isSame = (before: Known, after: Known): boolean =>
  before.run.state === after.run.state &&
  before.run.hasManagedSave === after.run.hasManagedSave &&
  (before.volumes === undefined || isDeepStrictEqual(before.volumes, after.volumes)) &&
  isDeepStrictEqual(
    [before.stored.xml, before.run.live?.xml, before.reports],
    [after.stored.xml, after.run.live?.xml, after.reports],
  );

/** The domain as a read would have found it, counters apart. */
export function foundOf({ domain, stored, run, reports, volumes }: Known): Found {
  return {
    domain,
    stored: unpack(stored.xml),
    live: run.live && unpack(run.live.xml),
    state: run.state,
    hasManagedSave: run.hasManagedSave,
    volumes: volumes ?? [],
    stats: new Map(),
    reports,
    interfaces: interfacesIn(reports),
  };
}

/** Whether its guest runs and can be asked. */
export const isRunning = ({ run }: Known): boolean =>
  run.live !== undefined && run.state === DomainState.RUNNING;
