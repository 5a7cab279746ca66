import type { NetworkInterface } from "@virtrigaud/proto";
import { listNames, type Problems } from "./problems.ts";
import type { Network } from "./networks.ts";
import { el, type Element } from "./xml.ts";

/** "0000:03:10.1", "03:10.1" or libvirt's "pci_0000_03_10_1". */
const pciAddress = /^(?:pci_)?(?:([0-9a-f]{4})[:_])?([0-9a-f]{2})[:_]([0-1][0-9a-f])[._]([0-7])$/i;

/** Source of a directly assigned virtual function: a pool of them or one by its PCI address. */
export function sriovSource(
  { name, sriovDevice }: NetworkInterface,
  networks: readonly Network[],
  problems: Problems,
): { type: "network" | "hostdev"; source: Element } | undefined {
  const pools = networks.filter(({ mode }) => mode === "hostdev");
  if (pools.some((pool) => pool.name === sriovDevice))
    return { type: "network", source: el("source", { network: sriovDevice }) };
  const [, domain = "0000", bus, slot, fn] = pciAddress.exec(sriovDevice) ?? [];
  if (bus === undefined)
    return problems.add(
      `spec.network_interfaces[${name}].sriov_device`,
      "SRIOV_DEVICE_UNKNOWN",
      `${sriovDevice} is neither a PCI address ("0000:03:10.1") nor a libvirt network with forward mode hostdev (there are: ${listNames(pools.map((pool) => pool.name))})`,
    );
  const address = {
    type: "pci",
    domain: `0x${domain}`,
    bus: `0x${bus}`,
    slot: `0x${slot}`,
    function: `0x${fn}`,
  };
  return { type: "hostdev", source: el("source", {}, [el("address", address)]) };
}
