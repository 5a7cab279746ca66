import { BlockList, isIP } from "node:net";
import type { NetworkInterface, StaticAddress, Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";
import { memberPaths, validateName, validateUnique } from "./names.ts";
import { validateRange } from "./numbers.ts";

const MOST = 10;
const MAC = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;

/** The network interfaces of a spec. */
export function validateNetworkInterfaces(nics: readonly NetworkInterface[], field: string): Violation[] {
  const paths = memberPaths(nics, field);
  const tooMany =
    nics.length > MOST
      ? [violation(field, "OUT_OF_RANGE", `must be at most ${MOST} interfaces, not ${nics.length}`)]
      : [];
  return [
    ...tooMany,
    ...validateUnique(nics, field),
    ...validateMacsDiffer(nics, paths),
    ...nics.flatMap((nic, index) => validateNic(nic, paths[index] ?? field)),
  ];
}

function validateNic(nic: NetworkInterface, path: string): Violation[] {
  return [
    ...validateName(nic.name, `${path}.name`),
    ...validateMac(nic.macAddress, `${path}.mac_address`),
    ...validateRange(nic.mtuBytes, 68, 65_535, `${path}.mtu_bytes`),
    ...validateRange(nic.vlanId, 1, 4_094, `${path}.vlan_id`),
    ...(nic.libvirt?.network && nic.libvirt.bridge
      ? [violation(`${path}.libvirt`, "CONFLICTING_OPTIONS", "must name one of network and bridge, not both")]
      : []),
    ...(nic.staticAddress ? validateStaticAddress(nic.staticAddress, `${path}.static_address`) : []),
  ];
}

function validateMac(mac: string, field: string): Violation[] {
  if (mac === "") return [];
  if (!MAC.test(mac)) {
    return [
      violation(field, "INVALID_MAC_ADDRESS", 'must be six hexadecimal pairs, e.g. "52:54:00:12:34:56"'),
    ];
  }
  const groupBit = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  if (groupBit)
    return [violation(field, "INVALID_MAC_ADDRESS", "must be a unicast address: its first byte is odd")];
  if (/^00(:00){5}$/.test(mac))
    return [violation(field, "INVALID_MAC_ADDRESS", "must not be all zeros; leave it empty")];
  return [];
}

function validateMacsDiffer(nics: readonly NetworkInterface[], paths: readonly string[]): Violation[] {
  return nics.flatMap(({ macAddress }, index) => {
    const first = nics.findIndex((other) => other.macAddress.toLowerCase() === macAddress.toLowerCase());
    if (macAddress === "" || first === index) return [];
    const said = `must be unique within the VM: ${paths[first]} has the same`;
    return [violation(`${paths[index]}.mac_address`, "INVALID_MAC_ADDRESS", said)];
  });
}

function validateStaticAddress(address: StaticAddress, path: string): Violation[] {
  const subnet = parseCidr(address.cidr);
  return [
    ...(subnet
      ? []
      : [
          violation(
            `${path}.cidr`,
            "INVALID_ADDRESS",
            'must be an address with prefix length, e.g. "192.0.2.10/24"',
          ),
        ]),
    ...(address.gateway === "" ? [] : validateGateway(address.gateway, subnet, `${path}.gateway`)),
    ...address.dnsServers.flatMap((server, index) =>
      isIP(server) === 0
        ? [
            violation(
              `${path}.dns_servers[${index}]`,
              "INVALID_ADDRESS",
              'must be an IP address, e.g. "192.0.2.53"',
            ),
          ]
        : [],
    ),
  ];
}

interface Subnet {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
}

function parseCidr(cidr: string): Subnet | undefined {
  const [address = "", prefix = "", ...rest] = cidr.split("/");
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || rest.length > 0 || !/^[0-9]{1,3}$/.test(prefix)) return undefined;
  const bits = Number(prefix);
  return bits >= 1 && bits <= (family === 4 ? 32 : 128) ? { family, address, prefix: bits } : undefined;
}

function validateGateway(gateway: string, subnet: Subnet | undefined, field: string): Violation[] {
  const family = isIP(gateway);
  if (family === 0) return [violation(field, "INVALID_ADDRESS", 'must be an IP address, e.g. "192.0.2.1"')];
  if (subnet === undefined) return [];
  if (family !== subnet.family)
    return [violation(field, "INVALID_ADDRESS", `must be IPv${subnet.family} like cidr`)];
  // IPv6 routers announce themselves by link-local addresses, which lie in no subnet.
  if (family === 4 && !within(subnet, gateway)) {
    return [violation(field, "INVALID_ADDRESS", "must lie in the subnet of cidr")];
  }
  return [];
}

function within(subnet: Subnet, address: string): boolean {
  const list = new BlockList();
  list.addSubnet(subnet.address, subnet.prefix, "ipv4");
  return list.check(address, "ipv4");
}
