import { describe, expect, test } from "@jest/globals";
import { NetworkInterface } from "@virtrigaud/proto";
import { inventory } from "../testing/sample-inventory.ts";
import { devices, type Part } from "../testing/sample-vm.ts";
import type { VirtualDevice, VirtualEthernetCard } from "../vim/types.ts";
import type { Inventory, Network } from "./inventory.ts";
import { nicChanges, nicsOf } from "./nics.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";

const card = devices[2] as VirtualEthernetCard;
const { deviceInfo, ...asSent } = card;
const standard = { $type: "VirtualEthernetCardNetworkBackingInfo", deviceName: "VM Network" };
const dvpg = {
  $type: "VirtualEthernetCardDistributedVirtualPortBackingInfo",
  port: { switchUuid: "50 3a 01", portgroupKey: "dvportgroup-1" },
};
const connectable = { startConnected: true, allowGuestControl: true, connected: true };

interface Setting {
  existing?: readonly VirtualDevice[];
  defaults?: Settings["defaults"];
  inventory?: Partial<Inventory>;
  removeOthers?: boolean;
}

function change(nics: Part<NetworkInterface>[], setting: Setting = {}) {
  const found = inventory(setting.inventory);
  const [datacenter] = found.datacenters;
  if (datacenter === undefined) throw new Error("no datacenter");
  const problems = new Problems();
  const scope = {
    inventory: found,
    settings: { defaults: setting.defaults ?? {}, storageClasses: {} },
    placement: { datacenter, candidates: found.hosts },
    removeOthers: setting.removeOthers ?? true,
  };
  const wanted = nics.map((nic) => NetworkInterface.fromPartial({ name: "eth0", ...nic }));
  const changes = nicChanges(wanted, setting.existing ?? [], scope, problems);
  return {
    changes: changes.map(({ operation, device }) => ({ operation, ...device })),
    violations: problems.violations.map(
      ({ field, reason, description }) => `${field} ${reason}: ${description}`,
    ),
  };
}

const on = (portgroup: string, more: Part<NetworkInterface> = {}): Part<NetworkInterface> => ({
  vsphere: { portgroup },
  ...more,
});
const key = (number: number, more: Partial<VirtualEthernetCard> = {}): VirtualEthernetCard => ({
  ...card,
  key: number,
  ...more,
});

describe("a card that is added", () => {
  const added = {
    operation: "add",
    $type: "VirtualVmxnet3",
    key: -300,
    connectable,
    addressType: "generated",
  };
  test.each<[string, Part<NetworkInterface>, Setting, object]>([
    [
      "to a standard port group",
      on("VM Network"),
      {},
      { ...added, backing: { ...standard, network: { type: "Network", value: "network-1" } } },
    ],
    ["to a distributed port group", on("lab"), {}, { ...added, backing: dvpg }],
    ["to the operator's default", {}, { defaults: { network: "lab" } }, { ...added, backing: dvpg }],
    [
      "with a MAC address",
      on("lab", { macAddress: "00:50:56:AB:CD:EF" }),
      {},
      { ...added, backing: dvpg, addressType: "manual", macAddress: "00:50:56:ab:cd:ef" },
    ],
    [
      "of another kind",
      on("lab", { model: "E1000E" }),
      {},
      { ...added, backing: dvpg, $type: "VirtualE1000e" },
    ],
    [
      "to an NSX segment",
      on("segment"),
      {
        inventory: {
          networks: [
            {
              id: "network-1",
              name: "segment",
              datacenter: "datacenter-1",
              ref: { type: "OpaqueNetwork", value: "network-1" },
              uplink: false,
              opaque: { id: "b3b1", type: "nsx.LogicalSwitch" },
            },
          ],
        },
      },
      {
        ...added,
        backing: {
          $type: "VirtualEthernetCardOpaqueNetworkBackingInfo",
          opaqueNetworkId: "b3b1",
          opaqueNetworkType: "nsx.LogicalSwitch",
        },
      },
    ],
  ])("%s", (_, nic, setting, expected) => {
    expect(change([nic], setting)).toEqual({ changes: [expected], violations: [] });
  });
});

describe("a template's card", () => {
  test.each<[string, Part<NetworkInterface>[], Partial<VirtualEthernetCard>, object[]]>([
    ["stays when nothing is asked", [], {}, []],
    ["stays when it is as asked", [on("VM Network")], {}, []],
    [
      "is edited, keeping what is not asked about",
      [on("lab")],
      {},
      [{ operation: "edit", ...asSent, backing: dvpg, connectable }],
    ],
    [
      "gets a fixed address",
      [on("VM Network", { macAddress: "00:50:56:00:00:01" })],
      {},
      [{ operation: "edit", ...asSent, addressType: "manual", macAddress: "00:50:56:00:00:01" }],
    ],
    ["stays when it has the fixed address", [on("VM Network", { macAddress: "00:50:56:AA:BB:CC" })], {}, []],
    [
      "is connected",
      [on("VM Network")],
      { connectable: { ...connectable, startConnected: false } },
      [
        {
          operation: "edit",
          ...asSent,
          backing: { ...standard, network: { type: "Network", value: "network-1" } },
          connectable,
        },
      ],
    ],
  ])("%s", (_, nics, more, changes) => {
    const existing = devices.map((device) => (device === card ? { ...card, ...more } : device));
    expect(change(nics, { existing })).toEqual({ changes, violations: [] });
  });

  test("that has a fixed address gives it up, for it would be on two VMs", () => {
    const { macAddress, ...rest } = asSent;
    expect(change([on("VM Network")], { existing: [{ ...card, addressType: "Manual" }] }).changes).toEqual([
      { operation: "edit", ...rest, addressType: "generated" },
    ]);
  });

  test("of another kind is replaced", () => {
    const { changes } = change([on("VM Network", { model: "e1000" })], { existing: devices });
    expect(changes.map(({ operation, $type, key: at }) => [operation, $type, at])).toEqual([
      ["remove", "VirtualVmxnet3", 4000],
      ["add", "VirtualE1000", -300],
    ]);
  });

  const two = [key(4001), key(4000)];
  test.each<[string, Part<NetworkInterface>[], readonly VirtualDevice[], boolean, string[]]>([
    ["too many: the rest goes", [on("VM Network")], two, true, ["remove 4001"]],
    ["too many on a VM that exists: they stay", [on("VM Network")], two, false, []],
    [
      "too few: another is added",
      [on("VM Network"), on("lab", { name: "b" })],
      [key(4000)],
      true,
      ["add -301"],
    ],
    ["each is edited in place", [on("lab"), on("VM Network", { name: "b" })], two, true, ["edit 4000"]],
    [
      "the second is of another kind: it and all behind are replaced, to keep their order",
      [on("VM Network"), on("lab", { name: "b", model: "e1000" }), on("VM Network", { name: "c" })],
      [...two, key(4002)],
      true,
      ["remove 4001", "remove 4002", "add -301", "add -302"],
    ],
    [
      "an SR-IOV card is replaced",
      [on("VM Network")],
      [key(4000, { $type: "VirtualSriovEthernetCard" } as never)],
      true,
      ["remove 4000", "add -300"],
    ],
  ])("%s", (_, nics, existing, removeOthers, expected) => {
    const { changes, violations } = change(nics, { existing, removeOthers });
    expect({ violations, changes: changes.map(({ operation, key: at }) => `${operation} ${at}`) }).toEqual({
      violations: [],
      changes: expected,
    });
  });

  test("of a kind that only vCenter knows cannot be replaced", () => {
    const existing = [key(4000, { $type: "VirtualPCNet32" } as never)];
    expect(change([on("VM Network")], { existing }).violations).toEqual([
      "spec.network_interfaces NETWORK_MODEL_UNSUPPORTED: Network adapter 1 of the template is a VirtualPCNet32, which this provider cannot replace; change it in the template",
    ]);
  });
});

describe("a card that cannot be", () => {
  const named = (id: string, switchName: string): Network => ({
    id,
    name: "twice",
    datacenter: "datacenter-1",
    ref: { type: "DistributedVirtualPortgroup", value: id },
    uplink: false,
    distributed: { portgroupKey: id, switchName, switchUuid: switchName },
  });
  const twice = { networks: [named("network-1", "dvs-1"), named("dvportgroup-1", "dvs-2")] };
  const field = "spec.network_interfaces[eth0]";
  test.each<[string, Part<NetworkInterface>, Setting, string[]]>([
    [
      "without a network",
      { libvirt: { network: "default" } },
      {},
      [
        `${field} NETWORK_SOURCE_MISSING: the network attachment names no vSphere port group; add network.vsphere.portgroup, or set Provider.spec.defaults.network`,
      ],
    ],
    [
      "on an unknown network",
      on("nope"),
      {},
      [
        `${field} NETWORK_UNKNOWN: no port group nope is reachable from the chosen hosts; there are: VM Network, lab`,
      ],
    ],
    [
      "on an unknown switch",
      { vsphere: { portgroup: "lab", distributedSwitch: "dvs-9" } },
      {},
      [
        `${field} NETWORK_UNKNOWN: no port group lab of switch dvs-9 is reachable from the chosen hosts; there are: VM Network, lab`,
      ],
    ],
    [
      "on an ambiguous network",
      on("twice"),
      { inventory: twice },
      [
        `${field} NETWORK_AMBIGUOUS: port group twice exists on several switches (dvs-1, dvs-2); add network.vsphere.distributedSwitch`,
      ],
    ],
    [
      "told apart by its switch",
      { vsphere: { portgroup: "twice", distributedSwitch: "dvs-2" } },
      { inventory: twice },
      [],
    ],
    [
      "on an uplink",
      on("twice"),
      { inventory: { networks: [{ ...named("network-1", "dvs-1"), uplink: true }] } },
      [`${field} NETWORK_UNKNOWN: no port group twice is reachable from the chosen hosts; there are: none`],
    ],
    [
      "of an unknown kind",
      on("lab", { model: "constructor" }),
      {},
      [
        `${field}.model NETWORK_MODEL_UNSUPPORTED: constructor is not a vSphere adapter; use vmxnet3, e1000, e1000e`,
      ],
    ],
    [
      "with what vSphere holds elsewhere",
      on("lab", { vlanId: 5, mtuBytes: 9000, sriovDevice: "vmnic1" }),
      {},
      [
        `${field}.vlan_id VLAN_UNSUPPORTED: on vSphere the port group holds the VLAN; name a port group that has it`,
        `${field}.mtu_bytes MTU_UNSUPPORTED: on vSphere the switch holds the MTU; set it there and in the guest`,
        `${field}.sriov_device SRIOV_UNSUPPORTED: this provider does not assign SR-IOV functions; leave it out`,
      ],
    ],
  ])("%s", (_, nic, setting, violations) => {
    expect(change([nic], setting).violations).toEqual(violations);
  });
});

test("cards are in the guest's order: existing ones by key, then new ones as they were added", () => {
  expect(nicsOf([key(-301), key(4001), key(-300), key(4000)]).map((one) => one.key)).toEqual([
    4000, 4001, -300, -301,
  ]);
});
