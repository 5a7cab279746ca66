import type { NetworkInterface, VMSpec } from "@virtrigaud/proto";
import type { OptionValue } from "../vim/types.ts";
import type { Problems } from "./problems.ts";

/** Largest guestinfo value that the guest can read, in bytes. */
const maxGuestinfoBytes = 64 * 1024;

/** Instance metadata that the provider decides: another identity would have cloud-init run again, or never. */
const reservedMetadata = ["instance-id", "network"];

/** Compresses and encodes text as cloud-init's VMware datasource reads it: gzip, then base64. */
export type Encode = (text: string) => string;

/**
 * guestinfo keys of cloud-init's VMware datasource. The instance-id is the VM's uid, so that a clone is a new instance and a reboot is
 * not. Nothing is written where neither cloud_init nor a static address is asked for.
 */
export function guestinfoOptions(
  uid: string,
  spec: VMSpec,
  encode: Encode,
  problems: Problems,
): OptionValue[] {
  const { cloudInit, networkInterfaces } = spec;
  const network = networkConfig(networkInterfaces, problems);
  if (cloudInit === undefined && network === undefined) return [];
  const asked = cloudInit?.metaData ?? {};
  for (const key of reservedMetadata.filter((reserved) => Object.hasOwn(asked, reserved)))
    problems.add("spec.cloud_init.meta_data", "METADATA_RESERVED", `${key} is the provider's; leave it out`);
  const metadata = {
    "local-hostname": spec.name,
    ...asked,
    "instance-id": uid,
    ...(network === undefined ? {} : { network }),
  };
  return [
    ...(cloudInit === undefined ? [] : guestinfo("userdata", encode(cloudInit.userData), problems)),
    ...guestinfo("metadata", encode(JSON.stringify(metadata)), problems),
  ];
}

function guestinfo(name: string, value: string, problems: Problems): OptionValue[] {
  if (value.length > maxGuestinfoBytes)
    problems.add(
      "spec.cloud_init",
      "CLOUD_INIT_TOO_LARGE",
      `guestinfo.${name} has ${value.length} bytes after compression, vSphere carries ${maxGuestinfoBytes}; move content into files that user-data fetches`,
    );
  return [
    { key: `guestinfo.${name}`, value },
    { key: `guestinfo.${name}.encoding`, value: "gzip+base64" },
  ];
}

/** cloud-init network-config version 2; undefined where every interface uses DHCP, which is the default without it. */
function networkConfig(nics: readonly NetworkInterface[], problems: Problems): object | undefined {
  if (nics.every(({ staticAddress }) => staticAddress === undefined)) return undefined;
  for (const { name, macAddress } of nics.length > 1 ? nics : []) {
    if (macAddress !== "") continue;
    problems.add(
      `spec.network_interfaces[${name}].mac_address`,
      "MAC_ADDRESS_REQUIRED",
      "with a static address and several interfaces the guest tells them apart by MAC address; give each one a macAddress",
    );
  }
  const ethernets = nics.map((nic, index) => [`nic${index}`, ethernet(nic)]);
  return { version: 2, ethernets: Object.fromEntries(ethernets) };
}

function ethernet({ macAddress, staticAddress }: NetworkInterface): object {
  const match =
    macAddress === "" ? { match: { name: "e*" } } : { match: { macaddress: macAddress.toLowerCase() } };
  if (staticAddress === undefined) return { ...match, dhcp4: true };
  const { cidr, gateway, dnsServers } = staticAddress;
  return {
    ...match,
    dhcp4: false,
    addresses: [cidr],
    ...(gateway === "" ? {} : { routes: [{ to: everywhere(gateway), via: gateway }] }),
    ...(dnsServers.length === 0 ? {} : { nameservers: { addresses: dnsServers } }),
  };
}

/** The default route in the notation that every renderer of cloud-init knows; "default" is netplan's alone. */
const everywhere = (gateway: string): string => (gateway.includes(":") ? "::/0" : "0.0.0.0/0");
