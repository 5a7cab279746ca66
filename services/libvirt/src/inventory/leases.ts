import type { Call } from "../call.ts";
import { type Libvirt, LibvirtError, type Network } from "../client/index.ts";
import type { ReportedInterface } from "../mapping/guest-interfaces.ts";

/** Who asks within this time shares an answer: VMs are often started together. */
const sharedMs = 500;

/** Addresses of a network's guests by MAC address. */
export type LeasesByMac = ReadonlyMap<string, readonly string[]>;

/** The DHCP leases of libvirt's networks, one call for each network. */
export class Leases {
  readonly #libvirt: Libvirt;
  readonly #handles = new Map<string, Network>();
  readonly #answers = new Map<
    string,
    { readonly leases: Promise<LeasesByMac | undefined>; readonly at: number }
  >();

  constructor(libvirt: Libvirt) {
    this.#libvirt = libvirt;
  }

  /** Undefined when the network cannot tell: it is gone, inactive, or somebody else's DHCP server serves it. */
  of(network: string, call: Call): Promise<LeasesByMac | undefined> {
    const known = this.#answers.get(network);
    if (known !== undefined && performance.now() - known.at < sharedMs) return known.leases;
    const leases = this.#read(network, call);
    this.#answers.set(network, { leases, at: performance.now() });
    leases.catch(() => this.#answers.delete(network));
    return leases;
  }

  async #read(name: string, call: Call): Promise<LeasesByMac | undefined> {
    try {
      const network =
        this.#handles.get(name) ?? (await this.#libvirt.call("networkLookupByName", { name }, call)).network;
      this.#handles.set(name, network);
      const { leases } = await this.#libvirt.call("networkGetDhcpLeases", { network }, call);
      return byMac(leases, Date.now() / 1000);
    } catch (error) {
      this.#handles.delete(name);
      if (error instanceof LibvirtError) return undefined;
      throw error;
    }
  }
}

interface Lease {
  readonly mac?: string | undefined;
  readonly address: string;
  readonly expiry: bigint;
}

function byMac(leases: readonly Lease[], nowSeconds: number): LeasesByMac {
  const found = new Map<string, string[]>();
  for (const { mac, address, expiry } of leases) {
    // A lease without end has 0.
    if (mac === undefined || (expiry !== 0n && Number(expiry) < nowSeconds)) continue;
    const key = mac.toLowerCase();
    found.set(key, [...(found.get(key) ?? []), address]);
  }
  return found;
}

/** The leases of these network cards. */
export const leasesOf = (macs: readonly string[], leases: LeasesByMac): ReportedInterface[] =>
  macs.flatMap((mac) => {
    const addresses = leases.get(mac);
    return addresses === undefined ? [] : [{ name: "", mac, addresses }];
  });
