import type { GuestInterface } from "@virtrigaud/proto";
import { type Json, listOf, membersOf, textOf } from "./json.ts";

const loopback = /^(?:127\.|::1$)/;

/** The guest's interfaces as its agent tells them (`agent/network-get-interfaces`), loopback left out, inner networks included. */
export function guestInterfaces(answer: Json): GuestInterface[] {
  return listOf(membersOf(answer).result).flatMap((entry) => {
    const ipAddresses = byFamily(
      listOf(entry["ip-addresses"]).map((address) => textOf(address["ip-address"])),
    );
    // Windows gives its loopback no hardware address and another name.
    const isLoopback =
      entry.name === "lo" || (ipAddresses.length > 0 && ipAddresses.every((one) => loopback.test(one)));
    if (isLoopback) return [];
    const mac = textOf(entry["hardware-address"]).toLowerCase();
    return [{ name: textOf(entry.name), macAddress: mac === "00:00:00:00:00:00" ? "" : mac, ipAddresses }];
  });
}

/** Each once, IPv4 first, otherwise as they came. */
const byFamily = (addresses: readonly string[]): string[] =>
  [...new Set(addresses.filter((address) => address !== ""))].sort(
    (a, b) => Number(a.includes(":")) - Number(b.includes(":")),
  );
