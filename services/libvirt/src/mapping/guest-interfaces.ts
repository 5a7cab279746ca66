import type { GuestInterface } from "@virtrigaud/proto";

/** An interface as agent, lease or ARP reports it. */
export interface ReportedInterface {
  /** The guest's name for it; "" when the source does not know. */
  name: string;
  mac: string;
  addresses: readonly string[];
}

/** The guest's interfaces by MAC address and name, loopback left out, bridges and inner networks included. */
export function guestInterfaces(reported: readonly ReportedInterface[]): GuestInterface[] {
  const found: GuestInterface[] = [];
  for (const { name, mac, addresses } of reported) {
    if (name === "lo" || mac === "00:00:00:00:00:00") continue;
    const macAddress = mac.toLowerCase();
    const same = found.find(
      (one) => one.macAddress === macAddress && (name === "" || one.name === "" || one.name === name),
    );
    if (same === undefined) found.push({ name, macAddress, ipAddresses: byFamily(addresses) });
    else same.ipAddresses = byFamily([...same.ipAddresses, ...addresses]);
  }
  return found;
}

/** Each once, IPv4 first, otherwise as they came. */
const byFamily = (addresses: readonly string[]): string[] =>
  [...new Set(addresses)].sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
