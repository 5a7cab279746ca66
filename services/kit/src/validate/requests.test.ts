import { describe, expect, test } from "@jest/globals";
import {
  CloneVMRequest,
  CreateVMRequest,
  type Disk,
  Firmware,
  GetOperationRequest,
  GetVMRequest,
  ListVMsRequest,
  PowerAction,
  PrepareImageRequest,
  ReconfigureVMRequest,
  SetPowerRequest,
  VMSpec,
} from "@virtrigaud/proto";
import type { Request, Rpc } from "../rpc.ts";
import { fieldsOf, messages } from "../testing/descriptors.ts";
import { validateRequest } from "./requests.ts";
import { ENUM_FIELDS } from "./unrecognized.ts";

const UID = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const GOOD: VMSpec = VMSpec.create({
  name: "web-1 (ünïcode)",
  cpus: 4,
  memoryBytes: 8 * GIB,
  cpuAllocation: { reservationMhz: 4000, limitMhz: 4000 },
  memoryAllocation: { reservationBytes: 8 * GIB, limitBytes: 8 * GIB },
  image: { name: "ubuntu", url: { url: "https://images.example/u.qcow2", checksum: "a".repeat(64) } },
  disks: [{ name: "root" }, { name: "data", sizeBytes: 100 * GIB, iopsLimit: 500 }],
  networkInterfaces: [
    { name: "eth0", macAddress: "52:54:00:12:34:56", mtuBytes: 9000, vlanId: 4094 },
    {
      name: "eth1",
      staticAddress: { cidr: "192.0.2.10/24", gateway: "192.0.2.1", dnsServers: ["2001:db8::53"] },
    },
    { name: "eth2", staticAddress: { cidr: "2001:db8::10/64", gateway: "fe80::1" } },
  ],
});

type Change<T> = T extends readonly (infer U)[]
  ? Change<U>[]
  : T extends object
    ? { [K in keyof T]?: Change<T[K]> }
    : T;

/** What is wrong with a CreateVM of the good spec with this instead: "field REASON". */
function wrong(change: Change<VMSpec>): string[] {
  const full = VMSpec.fromPartial(change as VMSpec);
  const changed = Object.fromEntries(Object.keys(change).map((key) => [key, full[key as keyof VMSpec]]));
  return summarize("createVm", { uid: UID, spec: { ...GOOD, ...changed }, controllerId: "" });
}

function summarize<K extends Rpc>(rpc: K, request: Request<K>): string[] {
  return validateRequest(rpc, request).map(({ field, reason }) => `${field} ${reason}`);
}

describe("a spec", () => {
  test("that is right has no violations", () => expect(wrong({})).toEqual([]));

  test.each<[string, Change<VMSpec>, string[]]>([
    ["no name", { name: "" }, ["spec.name REQUIRED"]],
    ["a name of 81 characters", { name: "ä".repeat(81) }, ["spec.name INVALID_NAME"]],
    ["a name of 80 characters", { name: "😀".repeat(80) }, []],
    ["a path", { name: "a/b" }, ["spec.name INVALID_NAME"]],
    ["a backslash", { name: "a\\b" }, ["spec.name INVALID_NAME"]],
    ["a control character", { name: "a\u0007" }, ["spec.name INVALID_NAME"]],
    ["no CPUs", { cpus: 0 }, ["spec.cpus OUT_OF_RANGE"]],
    ["129 CPUs", { cpus: 129 }, ["spec.cpus OUT_OF_RANGE"]],
    ["no memory", { memoryBytes: 0 }, ["spec.memory_bytes OUT_OF_RANGE"]],
    ["memory of half a MiB", { memoryBytes: MIB / 2 }, ["spec.memory_bytes OUT_OF_RANGE"]],
    ["memory of a MiB and a byte", { memoryBytes: MIB + 1 }, ["spec.memory_bytes OUT_OF_RANGE"]],
    [
      "a CPU reservation over its limit",
      { cpuAllocation: { reservationMhz: 2, limitMhz: 1 } },
      ["spec.cpu_allocation.reservation_mhz CONFLICTING_OPTIONS"],
    ],
    ["a CPU reservation without limit", { cpuAllocation: { reservationMhz: 2 } }, []],
    [
      "a memory reservation over its limit",
      { memoryAllocation: { reservationBytes: 2, limitBytes: 1 } },
      ["spec.memory_allocation.reservation_bytes CONFLICTING_OPTIONS"],
    ],
    [
      "disks of the same name",
      { disks: [{ name: "a" }, { name: "a", sizeBytes: GIB }] },
      ["spec.disks[1].name DUPLICATE_NAME"],
    ],
    [
      "a disk without size that no image gives it",
      { disks: [{ name: "root" }, { name: "data" }] },
      ["spec.disks[data].size_bytes REQUIRED"],
    ],
    [
      "a disk of no size",
      { disks: [{ name: "root", sizeBytes: 0 }] },
      ["spec.disks[root].size_bytes OUT_OF_RANGE"],
    ],
    ["a disk without name", { disks: [{ name: "", sizeBytes: GIB }] }, ["spec.disks[0].name REQUIRED"]],
    [
      "22 disks",
      { disks: Array.from({ length: 22 }, (_, at): Partial<Disk> => ({ name: `d${at}`, sizeBytes: GIB })) },
      ["spec.disks OUT_OF_RANGE"],
    ],
    [
      "an iops limit of 0",
      { disks: [{ name: "root", iopsLimit: 0 }] },
      ["spec.disks[root].iops_limit OUT_OF_RANGE"],
    ],
    [
      "11 interfaces",
      { networkInterfaces: Array.from({ length: 11 }, (_, at) => ({ name: `e${at}` })) },
      ["spec.network_interfaces OUT_OF_RANGE"],
    ],
    [
      "a MAC address with dashes",
      { networkInterfaces: [{ name: "e", macAddress: "52-54-00-12-34-56" }] },
      ["spec.network_interfaces[e].mac_address INVALID_MAC_ADDRESS"],
    ],
    [
      "a multicast MAC address",
      { networkInterfaces: [{ name: "e", macAddress: "01:00:5e:00:00:01" }] },
      ["spec.network_interfaces[e].mac_address INVALID_MAC_ADDRESS"],
    ],
    [
      "the same MAC address twice",
      {
        networkInterfaces: [
          { name: "a", macAddress: "52:54:00:12:34:AB" },
          { name: "b", macAddress: "52:54:00:12:34:ab" },
        ],
      },
      ["spec.network_interfaces[b].mac_address INVALID_MAC_ADDRESS"],
    ],
    [
      "an MTU of 67",
      { networkInterfaces: [{ name: "e", mtuBytes: 67 }] },
      ["spec.network_interfaces[e].mtu_bytes OUT_OF_RANGE"],
    ],
    [
      "VLAN 0",
      { networkInterfaces: [{ name: "e", vlanId: 0 }] },
      ["spec.network_interfaces[e].vlan_id OUT_OF_RANGE"],
    ],
    [
      "VLAN 4095",
      { networkInterfaces: [{ name: "e", vlanId: 4095 }] },
      ["spec.network_interfaces[e].vlan_id OUT_OF_RANGE"],
    ],
    [
      "a libvirt network and bridge",
      { networkInterfaces: [{ name: "e", libvirt: { network: "n", bridge: "b" } }] },
      ["spec.network_interfaces[e].libvirt CONFLICTING_OPTIONS"],
    ],
    [
      "an address without prefix",
      { networkInterfaces: [{ name: "e", staticAddress: { cidr: "192.0.2.1" } }] },
      ["spec.network_interfaces[e].static_address.cidr INVALID_ADDRESS"],
    ],
    [
      "a prefix of 33",
      { networkInterfaces: [{ name: "e", staticAddress: { cidr: "192.0.2.1/33" } }] },
      ["spec.network_interfaces[e].static_address.cidr INVALID_ADDRESS"],
    ],
    [
      "a gateway elsewhere",
      {
        networkInterfaces: [{ name: "e", staticAddress: { cidr: "192.0.2.1/24", gateway: "198.51.100.1" } }],
      },
      ["spec.network_interfaces[e].static_address.gateway INVALID_ADDRESS"],
    ],
    [
      "a gateway of the other family",
      { networkInterfaces: [{ name: "e", staticAddress: { cidr: "192.0.2.1/24", gateway: "fe80::1" } }] },
      ["spec.network_interfaces[e].static_address.gateway INVALID_ADDRESS"],
    ],
    [
      "a name server by name",
      {
        networkInterfaces: [
          { name: "e", staticAddress: { cidr: "192.0.2.1/24", dnsServers: ["192.0.2.53", "dns"] } },
        ],
      },
      ["spec.network_interfaces[e].static_address.dns_servers[1] INVALID_ADDRESS"],
    ],
    ["an image by ftp", { image: { url: { url: "ftp://x/y" } } }, ["spec.image.url.url INVALID_URL"]],
    [
      "a checksum with prefix",
      { image: { url: { url: "https://x/y", checksum: `sha256:${"a".repeat(64)}` } } },
      ["spec.image.url.checksum INVALID_CHECKSUM"],
    ],
    [
      "two sources on vSphere",
      { image: { vsphere: { templateName: "t", ova: { url: "https://x/y" } } } },
      ["spec.image.vsphere CONFLICTING_OPTIONS"],
    ],
    ["VMID 99", { image: { proxmox: { templateId: 99 } } }, ["spec.image.proxmox.template_id OUT_OF_RANGE"]],
    ["an empty extra_config key", { extraConfig: { " ": "x" } }, ["spec.extra_config INVALID_NAME"]],
    [
      "unknown enum values",
      { firmware: Firmware.UNRECOGNIZED, disks: [{ name: "root", controller: "UNRECOGNIZED" as never }] },
      ["spec.firmware UNKNOWN_ENUM_VALUE", "spec.disks[root].controller UNKNOWN_ENUM_VALUE"],
    ],
    [
      "text that reads like one",
      {
        tags: ["UNRECOGNIZED"],
        disks: [{ name: "root", storageClass: "UNRECOGNIZED" }],
        extraConfig: { firmware: "UNRECOGNIZED" },
      },
      [],
    ],
    [
      "several things at once",
      { cpus: 0, memoryBytes: 1, name: "" },
      ["spec.name REQUIRED", "spec.cpus OUT_OF_RANGE", "spec.memory_bytes OUT_OF_RANGE"],
    ],
  ])("with %s", (_what, change, violations) => expect(wrong(change)).toEqual(violations));

  test("that reconfigures a VM may leave its root disk as it is", () => {
    const spec = { ...GOOD, image: undefined, disks: GOOD.disks };
    expect(summarize("reconfigureVm", ReconfigureVMRequest.create({ uid: UID, spec }))).toEqual([]);
    expect(summarize("createVm", CreateVMRequest.create({ uid: UID, spec }))).toEqual([
      "spec.disks[root].size_bytes REQUIRED",
    ]);
  });

  test("describes what is wrong and what would be right", () => {
    expect(
      validateRequest("createVm", CreateVMRequest.create({ uid: "ABC", controllerId: "x".repeat(129) })),
    ).toEqual([
      {
        field: "uid",
        reason: "INVALID_UID",
        description: "must be an RFC 4122 UUID in lower case, e.g. 3f2a1c9e-8d4b-4e6f-9a01-23456789abcd",
      },
      { field: "spec", reason: "REQUIRED", description: "is required: what the VM shall be" },
      {
        field: "controller_id",
        reason: "INVALID_NAME",
        description: "must be at most 128 characters, not 129",
      },
    ]);
  });
});

describe("a request", () => {
  test.each<[string, () => string[], string[]]>([
    [
      "SetPower without action",
      () => summarize("setPower", SetPowerRequest.create({ uid: UID })),
      ["action REQUIRED"],
    ],
    [
      "SetPower with an action of the future",
      () => summarize("setPower", SetPowerRequest.create({ uid: UID, action: PowerAction.UNRECOGNIZED })),
      ["action UNKNOWN_ENUM_VALUE"],
    ],
    [
      "SetPower that waits too long",
      () =>
        summarize(
          "setPower",
          SetPowerRequest.create({ uid: UID, action: PowerAction.ON, gracefulTimeoutSeconds: 3601 }),
        ),
      ["graceful_timeout_seconds OUT_OF_RANGE"],
    ],
    ["GetVM of nothing", () => summarize("getVm", GetVMRequest.create({})), ["vm REQUIRED"]],
    [
      "GetVM by a wrong uid",
      () => summarize("getVm", GetVMRequest.create({ vm: { reference: { $case: "uid", value: "x" } } })),
      ["vm.uid INVALID_UID"],
    ],
    [
      "GetVM by id",
      () => summarize("getVm", GetVMRequest.create({ vm: { reference: { $case: "id", value: "vm-42" } } })),
      [],
    ],
    [
      "a page of 1001",
      () => summarize("listVMs", ListVMsRequest.create({ pageSize: 1001 })),
      ["page_size OUT_OF_RANGE"],
    ],
    ["a page of the default size", () => summarize("listVMs", ListVMsRequest.create({ pageSize: 0 })), []],
    [
      "CloneVM of nothing",
      () => summarize("cloneVm", CloneVMRequest.create({})),
      ["source REQUIRED", "uid REQUIRED", "name REQUIRED"],
    ],
    [
      "PrepareImage of nothing",
      () => summarize("prepareImage", PrepareImageRequest.create({})),
      ["image REQUIRED"],
    ],
    [
      "GetOperation of nothing",
      () => summarize("getOperation", GetOperationRequest.create({})),
      ["name REQUIRED"],
    ],
    [
      "GetOperation of too long a name",
      () => summarize("getOperation", { name: "x".repeat(1025) }),
      ["name INVALID_NAME"],
    ],
  ])("%s", (_what, violations, expected) => expect(violations()).toEqual(expected));

  test("is searched for every enum field that requests can carry", () => {
    const requests = messages().filter((name) => name.endsWith("Request"));
    const enums = requests.flatMap((name) => fieldsOf(name)).filter(({ type }) => type === "TYPE_ENUM");
    expect(new Set(enums.map(({ name }) => name))).toEqual(ENUM_FIELDS);
  });
});
