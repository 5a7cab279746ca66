import type { NetworkInterface, VMSpec } from "@virtrigaud/proto";
import { macOf } from "./nics.ts";
import type { Problems } from "./problems.ts";

/** Instance metadata that the provider decides: another identity would have cloud-init run again, or never. */
const reservedMetadata = ["instance-id"];

/** Files of a NoCloud seed by name. They may hold secrets. */
export type SeedFiles = Readonly<Record<string, string>>;

/**
 * The seed of cloud-init's NoCloud datasource (volume id "cidata"). The instance-id is the VM's uid, so that a clone is a new instance and a
 * reboot is not. No user, password or key is added. JSON is YAML.
 */
export function seedFiles(uid: string, spec: VMSpec, problems: Problems): SeedFiles {
  const { cloudInit, networkInterfaces } = spec;
  const network = networkConfig(uid, networkInterfaces);
  const asked = cloudInit?.metaData ?? {};
  for (const key of reservedMetadata.filter((reserved) => Object.hasOwn(asked, reserved)))
    problems.add("spec.cloud_init.meta_data", "METADATA_RESERVED", `${key} is the provider's; leave it out`);
  return {
    "meta-data": json({ "local-hostname": spec.name, ...asked, "instance-id": uid }),
    // Without user-data NoCloud takes the seed for incomplete.
    "user-data": cloudInit?.userData || "#cloud-config\n{}\n",
    ...(network === undefined ? {} : { "network-config": json(network) }),
  };
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** network-config version 2; undefined where every interface uses DHCP, which is the default without it. */
function networkConfig(uid: string, nics: readonly NetworkInterface[]): object | undefined {
  if (nics.every(({ staticAddress }) => staticAddress === undefined)) return undefined;
  const named = nics.filter(({ sriovDevice }) => sriovDevice === "");
  const ethernets = named.map((nic, index) => [`nic${index}`, ethernet(uid, nic)] as const);
  return { version: 2, ethernets: Object.fromEntries(ethernets) };
}

function ethernet(uid: string, nic: NetworkInterface): object {
  const match = { macaddress: macOf(nic, uid).toLowerCase() };
  if (nic.staticAddress === undefined) return { match, dhcp4: true };
  const { cidr, gateway, dnsServers } = nic.staticAddress;
  return {
    match,
    dhcp4: false,
    addresses: [cidr],
    ...(gateway === "" ? {} : { routes: [{ to: everywhere(gateway), via: gateway }] }),
    ...(dnsServers.length === 0 ? {} : { nameservers: { addresses: dnsServers } }),
  };
}

/** The default route in the notation that every renderer of cloud-init knows; "default" is netplan's alone. */
const everywhere = (gateway: string): string => (gateway.includes(":") ? "::/0" : "0.0.0.0/0");
