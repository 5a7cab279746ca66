import { isIP } from "node:net";
import type { Call } from "./call.ts";
import {
  AddressSource,
  type Arguments,
  type Domain,
  DomainState,
  type Libvirt,
  LibvirtError,
} from "./client/index.ts";
import { waitFor } from "./client/deadline.ts";
import { agentChannel } from "./mapping/consoles.ts";
import type { ReportedInterface } from "./mapping/guest-interfaces.ts";
import { all, type Element, first } from "./mapping/xml.ts";

/** An agent answers within milliseconds, or it hangs. */
const agentPatienceMs = 1_000;
/** libvirt itself gives an agent up after 5 s; this is for a libvirt that does not. */
const agentDeadlineMs = 30_000;

/** What each source tells of a guest's interfaces; undefined where it was not asked, or could not tell. */
export interface Reports {
  readonly agent?: readonly ReportedInterface[] | undefined;
  readonly lease?: readonly ReportedInterface[] | undefined;
  readonly arp?: readonly ReportedInterface[] | undefined;
}

/** All reports, the best source first. */
export const interfacesIn = ({ agent = [], lease = [], arp = [] }: Reports): ReportedInterface[] => [
  ...agent,
  ...lease,
  ...arp,
];

/** Whether a guest can be reached by what is known: link-local addresses tell only that it runs. */
export const hasAddress = (reports: Reports): boolean =>
  interfacesIn(reports).some(({ addresses }) =>
    addresses.some((address) => isIP(address) > 0 && !/^(?:127\.|169\.254\.|::1$|fe[89ab])/i.test(address)),
  );

/** How a running domain can be asked for its addresses. */
export interface GuestLinks {
  /** Whether its agent has opened the channel. */
  readonly hasAgent: boolean;
  readonly nics: readonly { readonly mac: string; readonly type: string; readonly network?: string }[];
}

export function guestLinks(live: Element): GuestLinks {
  return {
    hasAgent: all(live, "devices", "channel", "target").some(
      ({ attributes }) => attributes.name === agentChannel && attributes.state === "connected",
    ),
    nics: all(live, "devices", "interface").map((device) => {
      const network = first(device, "source")?.attributes.network;
      return {
        mac: first(device, "mac")?.attributes.address?.toLowerCase() ?? "",
        type: device.attributes.type ?? "",
        ...(network === undefined ? {} : { network }),
      };
    }),
  };
}

/**
 * The guest's interfaces as its agent, the leases and the host's ARP table tell them. Sources that have nothing to tell of this domain are not
 * asked; a source that cannot tell is not a failure of the read, an unreachable libvirtd is.
 */
export async function readAddresses(
  libvirt: Libvirt,
  domain: Domain,
  { live, state }: { readonly live: Element; readonly state: number },
  call: Call,
): Promise<Reports> {
  const { hasAgent, nics } = guestLinks(live);
  const [agent, lease, arp] = await Promise.all([
    // A paused guest cannot answer.
    hasAgent && state === DomainState.RUNNING ? agentAddresses(libvirt, domain, call) : undefined,
    nics.some(({ network }) => network !== undefined)
      ? ask(libvirt, { domain, source: AddressSource.LEASE }, call)
      : undefined,
    nics.some(isOnHost) ? arpAddresses(libvirt, domain, call) : undefined,
  ]);
  return { agent, lease, arp };
}

/** Whether the host may see the addresses of an interface. */
export const isOnHost = ({ type }: GuestLinks["nics"][number]): boolean =>
  type !== "user" && type !== "hostdev";

/** The host's ARP table on a guest's interfaces; undefined when it cannot be read. */
export const arpAddresses = (libvirt: Libvirt, domain: Domain, call: Call) =>
  ask(libvirt, { domain, source: AddressSource.ARP }, call);

interface Question {
  readonly answer: Promise<ReportedInterface[] | undefined>;
  readonly askedAt: number;
}

/** Questions under way by domain: a guest whose agent hangs takes one turn of the agents' connection, whoever asks. */
const underWay = new WeakMap<Libvirt, Map<string, Question>>();

/** What the agent in a guest tells; undefined when it does not within a second. */
export async function agentAddresses(
  libvirt: Libvirt,
  domain: Domain,
  { signal }: Call,
): Promise<ReportedInterface[] | undefined> {
  signal.throwIfAborted();
  const { answer, askedAt } = questionTo(libvirt, domain);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), askedAt + agentPatienceMs - performance.now());
  });
  try {
    return await waitFor(Promise.race([answer, patience]), signal);
  } finally {
    clearTimeout(timer);
  }
}

function questionTo(libvirt: Libvirt, domain: Domain): Question {
  const questions = underWay.get(libvirt) ?? new Map<string, Question>();
  underWay.set(libvirt, questions);
  const asked = questions.get(domain.uuid);
  if (asked !== undefined) return asked;
  const answer = ask(libvirt, { domain, source: AddressSource.AGENT }, { deadlineMs: agentDeadlineMs });
  const question = { answer, askedAt: performance.now() };
  questions.set(domain.uuid, question);
  const forget = () => questions.delete(domain.uuid);
  // Nobody may be waiting any more when it fails.
  answer.then(forget, forget);
  return question;
}

async function ask(
  libvirt: Libvirt,
  args: Arguments<"domainInterfaceAddresses">,
  options: Partial<Call> & { readonly deadlineMs?: number },
): Promise<ReportedInterface[] | undefined> {
  try {
    const { interfaces } = await libvirt.call("domainInterfaceAddresses", args, options);
    return interfaces.map(({ name, mac, addresses }) => ({
      // Only the agent knows the guest's own name of it; the others tell the host's end.
      name: args.source === AddressSource.AGENT ? name : "",
      mac: mac ?? "",
      addresses: addresses.map(({ address }) => address),
    }));
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}
