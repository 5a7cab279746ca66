import { describe, expect, test } from "@jest/globals";
import { Disk, DiskController, DiskProvisioning } from "@virtrigaud/proto";
import { inventory } from "../testing/sample-inventory.ts";
import { devices, type Part } from "../testing/sample-vm.ts";
import type { VirtualDevice, VirtualDisk } from "../vim/types.ts";
import { diskChanges } from "./disks.ts";
import { Problems } from "./problems.ts";
import { disksOf } from "./scsi-slots.ts";

const gib = 1024 ** 3;
const [fast] = inventory().datastores;
if (fast === undefined) throw new Error("no datastore");

function change(disks: Part<Disk>[], existing: readonly VirtualDevice[] = []) {
  const wanted = disks.map((disk) => Disk.fromPartial(disk));
  const storage = new Map(wanted.map(({ name }) => [name, { datastore: fast as NonNullable<typeof fast> }]));
  const problems = new Problems();
  const changes = diskChanges(wanted, existing, storage, problems);
  return { changes, violations: problems.violations.map(({ field, reason }) => `${field} ${reason}`) };
}

const sized = (name: string, more: Part<Disk> = {}): Part<Disk> => ({ name, sizeBytes: gib, ...more });
/** "bus 0 ParaVirtual" and "disk 1:0", in the order in which they are sent. */
const sent = ({ changes }: ReturnType<typeof change>) =>
  changes.map(({ operation, device }) => {
    if ("busNumber" in device)
      return `${operation} bus ${device.busNumber} ${device.$type.replace(/^(Virtual)?|SCSIController$|Controller$/g, "")}`;
    return `${operation} disk ${device.controllerKey}:${device.unitNumber}`;
  });

describe("a disk that is added", () => {
  test("is sent whole", () => {
    const asked = sized("data", { provisioning: DiskProvisioning.EAGER_ZEROED, iopsLimit: 500 });
    expect(change([asked])).toEqual({
      violations: [],
      changes: [
        {
          operation: "add",
          device: { $type: "ParaVirtualSCSIController", key: -100, busNumber: 0, sharedBus: "noSharing" },
        },
        {
          operation: "add",
          fileOperation: "create",
          device: {
            $type: "VirtualDisk",
            key: -200,
            controllerKey: -100,
            unitNumber: 0,
            backing: {
              $type: "VirtualDiskFlatVer2BackingInfo",
              fileName: "[fast-ssd]",
              datastore: { type: "Datastore", value: "datastore-1" },
              diskMode: "persistent",
              thinProvisioned: false,
              eagerlyScrub: true,
            },
            capacityInKB: 1024 ** 2,
            capacityInBytes: gib,
            storageIOAllocation: { limit: 500 },
          },
        },
      ],
    });
  });

  test.each<[DiskProvisioning, object]>([
    [DiskProvisioning.UNSPECIFIED, {}],
    [DiskProvisioning.THIN, { thinProvisioned: true }],
    [DiskProvisioning.THICK, { thinProvisioned: false, eagerlyScrub: false }],
    [DiskProvisioning.EAGER_ZEROED, { thinProvisioned: false, eagerlyScrub: true }],
  ])("takes space as %s", (provisioning, flags) => {
    const { changes } = change([sized("data", { provisioning })]);
    const { fileName, datastore, diskMode, $type, ...rest } = changes[1]?.device.backing as unknown as Record<
      string,
      unknown
    >;
    expect(rest).toEqual(flags);
  });

  test("goes behind the template's disk on its controller", () => {
    expect(sent(change([{ name: "root" }, sized("a"), sized("b")], devices))).toEqual([
      "add disk 1000:1",
      "add disk 1000:2",
    ]);
  });

  test("is on the kind of controller that is asked for, disks of other kinds never before it", () => {
    const lsi = { controller: DiskController.LSI_LOGIC_SAS };
    expect(sent(change([sized("a"), sized("b", lsi), sized("c", lsi), sized("d")]))).toEqual([
      "add bus 0 ParaVirtual",
      "add bus 1 LsiLogicSAS",
      "add bus 2 ParaVirtual",
      "add disk -100:0",
      "add disk -101:0",
      "add disk -101:1",
      "add disk -102:0",
    ]);
  });

  test("leaves unit 7 out, and the 16th goes to the next controller", () => {
    const lines = sent(change(Array.from({ length: 17 }, (_, index) => sized(`d${index}`))));
    expect(lines.slice(0, 2)).toEqual(["add bus 0 ParaVirtual", "add bus 1 ParaVirtual"]);
    const units = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((unit) => `add disk -100:${unit}`);
    expect(lines.slice(2)).toEqual([...units, "add disk -101:0", "add disk -101:1"]);
  });

  test.each<[string, Part<Disk>[], string[]]>([
    [
      "on SATA",
      [sized("a", { controller: DiskController.SATA })],
      ["spec.disks[a].controller DISK_CONTROLLER_UNSUPPORTED"],
    ],
    [
      "on NVMe",
      [sized("a", { controller: DiskController.NVME })],
      ["spec.disks[a].controller DISK_CONTROLLER_UNSUPPORTED"],
    ],
    ["without a size", [{ name: "a" }], ["spec.disks[a].size_bytes REQUIRED"]],
    [
      "with a limit below vSphere's",
      [sized("a", { iopsLimit: 15 })],
      ["spec.disks[a].iops_limit IOPS_LIMIT_TOO_LOW"],
    ],
    [
      "on a fifth controller",
      ["a", "b", "c", "d", "e"].map((name, index) =>
        sized(name, { controller: index % 2 ? DiskController.LSI_LOGIC : DiskController.BUS_LOGIC }),
      ),
      ["spec.disks[e] TOO_MANY_DISKS"],
    ],
  ])("is refused %s", (_, disks, violations) => {
    expect(change(disks).violations).toEqual(violations);
  });
});

describe("a disk that is there", () => {
  const root = devices[1] as VirtualDisk;
  const { deviceInfo, ...asSent } = root;
  test.each<[string, Part<Disk>, object[], string[]]>([
    ["keeps the image's size", { name: "root" }, [], []],
    ["of the size asked for stays", { name: "root", sizeBytes: 20 * gib }, [], []],
    [
      "grows, with everything else as it is",
      { name: "root", sizeBytes: 30 * gib },
      [{ ...asSent, capacityInKB: 30 * 1024 ** 2, capacityInBytes: 30 * gib }],
      [],
    ],
    ["never shrinks", { name: "root", sizeBytes: 19 * gib }, [], ["spec.disks[root].size_bytes DISK_SHRINK"]],
    [
      "is limited",
      { name: "root", iopsLimit: 100 },
      [{ ...asSent, storageIOAllocation: { limit: 100 } }],
      [],
    ],
    ["is on the controller asked for", { name: "root", controller: DiskController.PARAVIRTUAL_SCSI }, [], []],
    [
      "is not moved to another controller",
      { name: "root", controller: DiskController.LSI_LOGIC },
      [],
      ["spec.disks[root].controller DISK_CONTROLLER_FIXED"],
    ],
  ])("%s", (_, disk, edited, violations) => {
    expect(change([disk], devices)).toEqual({
      changes: edited.map((device) => ({ operation: "edit", device })),
      violations,
    });
  });

  test("of a kind that only vCenter knows is changed without its backing", () => {
    const local = {
      ...root,
      backing: { $type: "VirtualDiskLocalPMemBackingInfo" },
    } as unknown as VirtualDevice;
    const { changes } = change([{ name: "root", sizeBytes: 30 * gib }], [local]);
    expect(changes[0]?.device).not.toHaveProperty("backing");
  });
});

test("disks are in the guest's order, whatever order vCenter lists them in", () => {
  const on = (controllerKey: number, unitNumber: number): VirtualDisk => ({
    $type: "VirtualDisk",
    key: 16_000 - controllerKey - unitNumber,
    controllerKey,
    unitNumber,
    capacityInKB: 1,
  });
  const listed: VirtualDevice[] = [
    on(1001, 0),
    on(1000, 10),
    on(1000, 2),
    on(15_000, 0),
    { $type: "VirtualLsiLogicController", key: 1001, busNumber: 0, sharedBus: "noSharing" },
    { $type: "ParaVirtualSCSIController", key: 1000, busNumber: 1, sharedBus: "noSharing" },
  ];
  expect(disksOf(listed).map(({ controllerKey, unitNumber }) => [controllerKey, unitNumber])).toEqual([
    [15_000, 0],
    [1001, 0],
    [1000, 2],
    [1000, 10],
  ]);
});
