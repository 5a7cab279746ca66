import type { Call } from "../call.ts";
import { type Domain, DomainState, ErrorCode, flags, type Libvirt, LibvirtError } from "../client/index.ts";
import { isRefused } from "../errors.ts";
import { type DomainStats, readStats } from "../stats.ts";

/** A domain as it shows in the lists of all domains. */
export interface Surveyed {
  readonly domain: Domain;
  /** Undefined where libvirt has no bulk statistics (before 1.2.8). */
  readonly state: number | undefined;
  readonly hasManagedSave: boolean;
  readonly signature: Signature;
}

/** What changes when a domain is changed, as far as the lists tell it. */
export interface Signature {
  /** Undefined: cannot be told. */
  readonly run: string | undefined;
  /** Undefined while QEMU does not tell. */
  readonly devices: string | undefined;
}

/** Looks at all domains in two calls, whatever their number. */
export async function survey(libvirt: Libvirt, call: Call): Promise<Map<string, Surveyed>> {
  const [all, saved] = await Promise.all([readAll(libvirt, call), readSaved(libvirt, call)]);
  return new Map(
    all.map(({ domain, values }) => {
      const state = values.get("state.state");
      const found: Surveyed = {
        domain,
        state: typeof state === "number" ? state : undefined,
        hasManagedSave: saved.has(domain.uuid),
        signature: signature(domain, values),
      };
      return [domain.uuid, found];
    }),
  );
}

/** Whether something may have changed between two surveys. */
export const differs = (before: Signature | undefined, now: Signature): boolean =>
  now.run === undefined ||
  before?.run !== now.run ||
  (now.devices !== undefined && before.devices !== undefined && now.devices !== before.devices);

/** Whether a surveyed domain runs, in whatever state. */
export const isActive = ({ domain, state }: Surveyed): boolean =>
  state === undefined ? domain.id !== -1 : state !== DomainState.SHUTOFF && state !== DomainState.NO_STATE;

function signature({ name, id }: Domain, values: DomainStats["values"]): Signature {
  const text = (pattern: RegExp) =>
    [...values].flatMap(([key, value]) => (pattern.test(key) ? [`${key}=${value}`] : [])).join(" ");
  const hasState = values.has("state.state");
  const isAsked = values.has("vcpu.maximum");
  return {
    run: hasState ? `${name} ${id} ${text(/^state\.state$|^net\.\d+\.name$/)}` : undefined,
    devices: isAsked
      ? text(/^(?:vcpu\.(?:current|maximum)|balloon\.maximum|block\.\d+\.(?:name|path|capacity))$/)
      : undefined,
  };
}

async function readAll(libvirt: Libvirt, call: Call): Promise<Pick<DomainStats, "domain" | "values">[]> {
  try {
    return await readStats(libvirt, [], call);
  } catch (error) {
    if (!isRefused(error, ErrorCode.NO_SUPPORT)) throw error;
    const { domains } = await libvirt.call("connectListAllDomains", {}, call);
    return domains.map((domain) => ({ domain, values: new Map() }));
  }
}

async function readSaved(libvirt: Libvirt, call: Call): Promise<Set<string>> {
  try {
    const bits = flags.ListDomains.MANAGED_SAVE;
    const { domains } = await libvirt.call("connectListAllDomains", { flags: bits }, call);
    return new Set(domains.map(({ uuid }) => uuid));
  } catch (error) {
    // A driver that cannot save has none.
    if (error instanceof LibvirtError) return new Set();
    throw error;
  }
}
