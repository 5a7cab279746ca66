import type { Call } from "./call.ts";
import { byName, type Domain, ErrorCode, flags, type Libvirt, type TypedParam } from "./client/index.ts";
import { waitFor } from "./client/deadline.ts";
import { isRefused } from "./errors.ts";

const { STATE, CPU_TOTAL, BALLOON, VCPU, INTERFACE, BLOCK } = flags.Stats;
/** The groups that usage and the sizes of disks are in. */
const everything = STATE | CPU_TOTAL | BALLOON | VCPU | INTERFACE | BLOCK;
/** What libvirtd knows without asking QEMU. */
const fromMemory = STATE | CPU_TOTAL | INTERFACE;

/** QEMUs answer within milliseconds each, or one of them hangs. */
const patienceMs = 3_000;
/** Until then a call that a QEMU holds up is taken to be so. */
const stuckMs = 10 * 60_000;

/** Statistics of one domain. */
export interface DomainStats {
  readonly domain: Domain;
  /** By libvirt's name of each: "cpu.time", "block.0.path" … */
  readonly values: ReadonlyMap<string, number | string>;
  /** Whether QEMU was asked; without it memory and disks have no counters. */
  readonly isWhole: boolean;
}

/** Connections with a call that a hanging QEMU holds up: meanwhile no other call is sent after it. */
const stuck = new WeakSet<Libvirt>();

/**
 * Statistics of these domains, without any of all, in one call. A QEMU that is busy is not waited for, and while one hangs there is only what
 * libvirtd has without them. Rejects with LibvirtError NO_SUPPORT where libvirt is too old.
 */
export async function readStats(
  libvirt: Libvirt,
  domains: readonly Domain[],
  { signal }: Call,
): Promise<DomainStats[]> {
  signal.throwIfAborted();
  if (!stuck.has(libvirt)) {
    const answer = ask(libvirt, domains, everything, stuckMs);
    const inTime = await waitFor(within(answer, patienceMs), signal);
    if (inTime !== undefined) return inTime;
    stuck.add(libvirt);
    const free = () => stuck.delete(libvirt);
    answer.then(free, free);
  }
  return waitFor(ask(libvirt, domains, fromMemory, patienceMs), signal);
}

/** Counters of one running domain; empty when its QEMU does not tell. */
export async function readCounters(
  libvirt: Libvirt,
  domain: Domain,
  call: Call,
): Promise<ReadonlyMap<string, number>> {
  const [found] = await readStats(libvirt, [domain], call);
  return found === undefined ? new Map() : counters(found);
}

/** What of statistics is a number, when they can be told; empty when not. */
export function counters({ values, isWhole }: DomainStats): ReadonlyMap<string, number> {
  const numbers = [...values].filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return new Map(isWhole ? numbers : []);
}

async function ask(
  libvirt: Libvirt,
  domains: readonly Domain[],
  stats: number,
  deadlineMs: number,
): Promise<DomainStats[]> {
  const call = (bits: number) =>
    libvirt.call("connectGetAllDomainStats", { domains: [...domains], stats, flags: bits }, { deadlineMs });
  const { records } = await call(flags.AllDomainStats.NOWAIT).catch((error: unknown) => {
    // Before 4.5 libvirt does not know the flag.
    if (isRefused(error, ErrorCode.INVALID_ARG, ErrorCode.ARGUMENT_UNSUPPORTED)) return call(0);
    throw error;
  });
  return records.map(({ domain, params }) => domainStats(domain, params));
}

function domainStats(domain: Domain, params: readonly TypedParam[]): DomainStats {
  const values = new Map(
    [...byName(params)].flatMap(([name, value]) => {
      if (typeof value === "boolean") return [];
      return [[name, typeof value === "bigint" ? Number(value) : value] as const];
    }),
  );
  const hasDisks = Number(values.get("block.count") ?? 0) > 0;
  const isAsked = values.has("block.count") || values.has("balloon.current");
  const isWhole = isAsked && (!hasDisks || [...values.keys()].some((name) => name.endsWith(".rd.bytes")));
  return { domain, values, isWhole };
}

/** The answer if it comes within the time. */
async function within<T>(answer: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
