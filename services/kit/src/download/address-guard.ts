import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Addresses that a URL of a manifest must not reach through this daemon: its own machine, its neighbours by link, and the clouds'
 * metadata services, which hand out credentials. Private networks are where labs keep their images.
 */
const forbidden = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
  // Alibaba's metadata service, Azure's wire server.
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
] as const)
  forbidden.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["fe80::", 10],
  ["ff00::", 8],
  // Amazon's metadata service.
  ["fd00:ec2::254", 128],
  // The IPv4 ranges above by way of NAT64: 0/8, 127/8, 169.254/16, 224/3.
  ["64:ff9b::", 104],
  ["64:ff9b::7f00:0", 104],
  ["64:ff9b::a9fe:0", 112],
  ["64:ff9b::e000:0", 99],
] as const)
  forbidden.addSubnet(network, prefix, "ipv6");

/** Whether an address is one of those. IPv4 addresses in IPv6 notation count as what they are. */
export const isForbidden = (address: string): boolean =>
  forbidden.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** A host is at no address that may be reached. */
export class ForbiddenAddress extends Error {
  override readonly name = "ForbiddenAddress";

  constructor(host: string, address: string) {
    super(
      `${host} is ${host === address ? "" : `${address}, `}a loopback, link-local, multicast or cloud metadata address; if that is meant, name ${host} in the provider's allowedImageHosts`,
    );
  }
}

/**
 * Which hosts may be reached. It looks at the very addresses that are connected to: a name that resolves differently the next
 * time changes nothing.
 */
export class AddressGuard {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowedHosts names or addresses, without port, that may be reached wherever they are. */
  constructor(allowedHosts: readonly string[]) {
    this.#allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  }

  /** For hosts that are addresses, which are connected to without a look-up. @throws ForbiddenAddress. */
  check({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !this.#allowed.has(host) && isForbidden(host))
      throw new ForbiddenAddress(host, host);
  }

  /** For net.connect. Fails with ForbiddenAddress when the name has no other addresses. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "");
      const isAllowed = this.#allowed.has(host.toLowerCase());
      const usable = found.filter(({ address }) => isAllowed || !isForbidden(address));
      const [first] = usable;
      if (first === undefined) return callback(new ForbiddenAddress(host, found[0]?.address ?? ""), "");
      return options.all === true ? callback(null, usable) : callback(null, first.address, first.family);
    });
  };
}
