import { atMajor, byMajor, type VersionedTable } from "./by-major.ts";
import type { Major } from "../release.ts";
import {
  alias,
  choice,
  decimal,
  defaultKey,
  flag,
  formatted,
  integer,
  matching,
  type PropertyFormat,
  required,
  type Schema,
} from "./schema.ts";

const models7 = [
  ...["e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "i82551", "i82557b", "i82559er"],
  ...["ne2k_isa", "ne2k_pci", "pcnet", "rtl8139", "virtio", "vmxnet3"],
];
const models6 = [
  ...["rtl8139", "ne2k_pci", "e1000", "pcnet", "virtio", "ne2k_isa", "i82551", "i82557b", "i82559er"],
  ...["vmxnet3", "e1000-82540em", "e1000-82544gc", "e1000-82545em"],
];

const keys: VersionedTable<Schema> = {
  model: byMajor({
    6: defaultKey(required(choice(...models6))),
    7: defaultKey(required(choice(...models7))),
  }),
  macaddr: formatted("mac-addr"),
  bridge: byMajor({ 6: matching("[-_.\\w\\d]+"), 7: formatted("pve-bridge-id") }),
  firewall: flag(),
  "host-tunnel": byMajor({ 9: flag() }),
  link_down: flag(),
  mtu: integer(1, 65520),
  queues: byMajor({ 6: integer(0, 16), 7: integer(0, 64) }),
  rate: decimal(0),
  tag: integer(1, 4094),
  trunks: matching("\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*"),
};

/** Keys of `net[n]`: each card model is also a key whose value is the MAC address. */
export function netFormat(major: Major): PropertyFormat {
  const models = major === 6 ? models6 : models7;
  return {
    ...atMajor(keys, major),
    ...Object.fromEntries(models.map((model) => [model, alias("macaddr", "model")])),
  };
}
