import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Agent, decodeAgent, encodeAgent } from "./agent.ts";
import { type Boot, decodeBoot, encodeBoot } from "./boot.ts";
import { type Cpu, cpuFlag, decodeCpu, encodeCpu } from "./cpu.ts";
import { decodeDrive, type Drive, encodeDrive } from "./drive.ts";
import { decodeEfiDisk, type EfiDisk, encodeEfiDisk } from "./efidisk.ts";
import { decodeIpConfig, encodeIpConfig, type IpConfig } from "./ipconfig.ts";
import { LanguageError } from "./language-error.ts";
import { decodeMachine, encodeMachine, isQ35, type Machine } from "./machine.ts";
import { decodeMeta } from "./meta.ts";
import { decodeNet, encodeNet, type Net } from "./net.ts";
import { decodeSmbios, encodeSmbios, type Smbios } from "./smbios.ts";
import { decodeTpmState, encodeTpmState, type TpmState } from "./tpmstate.ts";
import { newVolume, storageOf } from "./volume.ts";

const gib = 2 ** 30;

/** A text as Proxmox VE stores it, what it means, and how it is written here where that differs. */
type Case<T> = readonly [text: string, value: T, written?: string];

function readsAndWrites<T>(
  decode: (text: string) => T,
  encode: (value: T) => string,
  cases: readonly Case<T>[],
): void {
  test.each(cases)("%s", (text, value, written = text) => {
    expect(decode(text)).toEqual(value);
    expect(encode(value)).toBe(written);
    expect(decode(written)).toEqual(value);
  });
}

describe("cpu", () => {
  readsAndWrites<Cpu>(decodeCpu, encodeCpu, [
    ["host", { type: "host" }],
    ["cputype=kvm64", { type: "kvm64" }, "kvm64"],
    ["x86-64-v2-AES", { type: "x86-64-v2-AES" }],
    ["EPYC-Milan,flags=+nested-virt", { type: "EPYC-Milan", flags: ["+nested-virt"] }],
    ["host,flags=+pcid;-hv-evmcs", { type: "host", flags: ["+pcid", "-hv-evmcs"] }],
    [
      "cputype=host,hidden=1,flags=+aes",
      { type: "host", flags: ["+aes"], hidden: true },
      "host,flags=+aes,hidden=1",
    ],
    ["custom-lab,phys-bits=host", { type: "custom-lab", physBits: "host" }],
    ["host,guest-phys-bits=40,level=30", { type: "host", rest: { "guest-phys-bits": "40", level: "30" } }],
  ]);

  test.each<[string, string, boolean | undefined]>([
    ["host", "nested-virt", undefined],
    ["max,flags=+nested-virt", "nested-virt", true],
    ["max,flags=+nested-virt;-nested-virt", "nested-virt", false],
    ["max,flags=-nested-virt", "nested-virt", false],
    ["max,flags=+nested", "nested-virt", undefined],
  ])("%s: %s", (text, flag, answer) => {
    expect(cpuFlag(decodeCpu(text), flag)).toBe(answer);
  });
});

describe("machine", () => {
  readsAndWrites<Machine>(decodeMachine, encodeMachine, [
    ["q35", { type: "q35" }],
    ["q35,viommu=intel", { type: "q35", viommu: "intel" }],
    ["viommu=virtio", { viommu: "virtio" }],
    [
      "type=pc-q35-9.2+pve1,viommu=intel,aw-bits=39",
      { type: "pc-q35-9.2+pve1", viommu: "intel", awBits: 39 },
      "pc-q35-9.2+pve1,viommu=intel,aw-bits=39",
    ],
    ["pc-i440fx-9.2,enable-s3=0", { type: "pc-i440fx-9.2", enableS3: false }],
    ["q35,viommu=amd", { type: "q35", rest: { viommu: "amd" } }],
  ]);

  test.each([
    ["q35", true],
    ["pc-q35-9.2+pve1", true],
    ["pc", false],
    ["pc-i440fx-9.2", false],
    ["viommu=virtio", false],
  ])("%s is a q35: %s", (text, answer) => {
    expect(isQ35(decodeMachine(text))).toBe(answer);
  });
});

describe("efidisk0", () => {
  readsAndWrites<EfiDisk>(decodeEfiDisk, encodeEfiDisk, [
    [
      "local:910/vm-910-disk-0.raw,efitype=4m,pre-enrolled-keys=0,size=528K",
      { volume: "local:910/vm-910-disk-0.raw", type: "4m", preEnrolledKeys: false, sizeBytes: 528 * 1024 },
    ],
    [
      "local-lvm:1,efitype=4m,pre-enrolled-keys=1,ms-cert=2023k",
      { volume: "local-lvm:1", type: "4m", preEnrolledKeys: true, msCert: "2023k" },
    ],
    [
      "file=local-lvm:vm-1-disk-0,size=128K",
      { volume: "local-lvm:vm-1-disk-0", sizeBytes: 131072 },
      "local-lvm:vm-1-disk-0,size=128K",
    ],
  ]);
});

describe("tpmstate0", () => {
  readsAndWrites<TpmState>(decodeTpmState, encodeTpmState, [
    [
      "local:910/vm-910-disk-2.raw,size=4M,version=v2.0",
      { volume: "local:910/vm-910-disk-2.raw", version: "v2.0", sizeBytes: 4 << 20 },
      "local:910/vm-910-disk-2.raw,version=v2.0,size=4M",
    ],
    ["local-lvm:1,version=v1.2", { volume: "local-lvm:1", version: "v1.2" }],
  ]);
});

describe("drives", () => {
  readsAndWrites<Drive>(decodeDrive, encodeDrive, [
    [
      "local:910/vm-910-disk-1.raw,discard=on,iothread=1,size=2G",
      { volume: "local:910/vm-910-disk-1.raw", discard: "on", iothread: true, sizeBytes: 2 * gib },
      "local:910/vm-910-disk-1.raw,size=2G,discard=on,iothread=1",
    ],
    [
      "local:910/vm-910-cloudinit.qcow2,media=cdrom",
      { volume: "local:910/vm-910-cloudinit.qcow2", media: "cdrom" },
    ],
    [
      "local:920/base-920-disk-0.qcow2/922/vm-922-disk-0.qcow2,size=1G",
      { volume: "local:920/base-920-disk-0.qcow2/922/vm-922-disk-0.qcow2", sizeBytes: gib },
    ],
    ["none,media=cdrom", { volume: "none", media: "cdrom" }],
    [
      "volume=local:iso/a.iso,media=cdrom,size=366K",
      { volume: "local:iso/a.iso", media: "cdrom", sizeBytes: 366 * 1024 },
      "local:iso/a.iso,media=cdrom,size=366K",
    ],
    [
      "local-lvm:0,import-from=local:import/jammy.qcow2,format=qcow2,cache=none,ssd=1,backup=0,replicate=0,serial=root,iops_rd=500,iops_wr=500",
      {
        volume: "local-lvm:0",
        importFrom: "local:import/jammy.qcow2",
        format: "qcow2",
        cache: "none",
        ssd: true,
        backup: false,
        replicate: false,
        serial: "root",
        iopsRead: 500,
        iopsWrite: 500,
      },
    ],
    // A name with "=" in it, which would be a key of its own without "file=".
    ["file=local:iso/a=b.iso,media=cdrom", { volume: "local:iso/a=b.iso", media: "cdrom" }],
    // What others set is kept, a serial that Proxmox VE percent-decodes included.
    [
      "a1:v,iops=10,mbps_rd=1.5,wwn=0x1,serial=a%20b",
      { volume: "a1:v", iops: 10, rest: { mbps_rd: "1.5", wwn: "0x1", serial: "a%20b" } },
    ],
  ]);

  test.each([
    [32 * gib, "local-lvm:32"],
    [0, "local-lvm:0"],
    [1537 * 2 ** 20, "local-lvm:1.5009765625"],
    [2 ** 20, "local-lvm:0.0009765625"],
  ])("a new volume of %d bytes", (bytes, text) => {
    expect(newVolume("local-lvm", bytes)).toBe(text);
  });

  test.each([
    ["local lvm", gib, 'storage: "local lvm" must be the name of a storage'],
    ["a:1,b", gib, 'storage: "a:1,b" must be the name of a storage'],
    ["local", 1000, "size: 1000 must be whole MiB"],
  ])("a new volume on %j of %d bytes is refused", (storage, bytes, message) => {
    expect(() => newVolume(storage, bytes)).toThrow(message);
  });

  test.each([
    ["local-lvm:vm-100-disk-0", "local-lvm"],
    ["none", undefined],
    ["/dev/sdb", undefined],
  ])("the storage of %s", (id, storage) => {
    expect(storageOf(id)).toBe(storage);
  });
});

describe("net", () => {
  readsAndWrites<Net>(decodeNet, encodeNet, [
    ["virtio=BC:24:11:00:00:01,bridge=vmbr0", { model: "virtio", mac: "BC:24:11:00:00:01", bridge: "vmbr0" }],
    ["virtio,bridge=vmbr0,firewall=1", { model: "virtio", bridge: "vmbr0", firewall: true }],
    [
      "model=e1000,macaddr=bc:24:11:00:00:01",
      { model: "e1000", mac: "BC:24:11:00:00:01" },
      "e1000=BC:24:11:00:00:01",
    ],
    [
      "bridge=vmbr0,virtio=BC:24:11:00:00:01",
      { model: "virtio", mac: "BC:24:11:00:00:01", bridge: "vmbr0" },
      "virtio=BC:24:11:00:00:01,bridge=vmbr0",
    ],
    [
      "vmxnet3=BC:24:11:00:00:01,bridge=vmbr0.1,tag=42,trunks=10;20-30,mtu=1450,queues=4,rate=12.5,firewall=0,link_down=1",
      {
        model: "vmxnet3",
        mac: "BC:24:11:00:00:01",
        bridge: "vmbr0.1",
        vlan: 42,
        trunks: ["10", "20-30"],
        mtu: 1450,
        queues: 4,
        rate: 12.5,
        firewall: false,
        linkDown: true,
      },
    ],
    // A model and a key that came later.
    [
      "igb=BC:24:11:00:00:01,host-tunnel=1",
      { model: "igb", mac: "BC:24:11:00:00:01", rest: { "host-tunnel": "1" } },
    ],
  ]);

  test("a card without a model is refused", () => {
    expect(() => encodeNet({ bridge: "vmbr0" })).toThrow("net.model: undefined must be given");
  });

  test("a group address is refused", () => {
    expect(() => encodeNet({ model: "virtio", mac: "01:00:5E:00:00:01" })).toThrow(
      "must be a unicast MAC address",
    );
  });
});

describe("ipconfig", () => {
  readsAndWrites<IpConfig>(decodeIpConfig, encodeIpConfig, [
    ["ip=dhcp", { ip: "dhcp" }],
    [
      "ip=192.0.2.10/24,gw=192.0.2.1,ip6=2001:db8::10/64,gw6=2001:db8::1",
      { ip: "192.0.2.10/24", gateway: "192.0.2.1", ip6: "2001:db8::10/64", gateway6: "2001:db8::1" },
    ],
    ["ip6=auto", { ip6: "auto" }],
  ]);
});

describe("boot", () => {
  readsAndWrites<Boot>(decodeBoot, encodeBoot, [
    ["order=scsi0;ide2;net0", { order: ["scsi0", "ide2", "net0"] }],
    ["cdn", { legacy: "cdn" }],
    ["legacy=c", { legacy: "c" }, "c"],
  ]);
});

describe("agent", () => {
  readsAndWrites<Agent>(decodeAgent, encodeAgent, [
    ["1", { enabled: true }],
    ["enabled=1", { enabled: true }, "1"],
    ["0,type=isa", { enabled: false, type: "isa" }],
    [
      "1,fstrim_cloned_disks=1,freeze-fs-on-backup=0",
      { enabled: true, fstrimClonedDisks: true, rest: { "freeze-fs-on-backup": "0" } },
    ],
  ]);
});

describe("smbios1", () => {
  readsAndWrites<Smbios>(decodeSmbios, encodeSmbios, [
    ["uuid=11111111-2222-4333-8444-555555555555", { uuid: "11111111-2222-4333-8444-555555555555" }],
    [
      "uuid=ABCDEF12-2222-4333-8444-555555555555",
      { uuid: "abcdef12-2222-4333-8444-555555555555" },
      "uuid=abcdef12-2222-4333-8444-555555555555",
    ],
    ["base64=1,serial=YSw9Ow==", { serial: "a,=;" }],
    ["manufacturer=Proxmox", { manufacturer: "Proxmox" }, "base64=1,manufacturer=UHJveG1veA=="],
    ["base64=1,family=***", { family: "***" }, "base64=1,family=Kioq"],
  ]);

  test("what does not fit is refused", () => {
    expect(() => encodeSmbios({ serial: "x".repeat(400) })).toThrow(
      "must be at most 512 characters in base64",
    );
  });
});

test.each([
  ["creation-qemu=10.0.13,ctime=1795167572", { creationQemu: "10.0.13", ctime: 1_795_167_572 }],
  ["", {}],
])("meta %s", (text, value) => {
  expect(decodeMeta(text)).toEqual(value);
});

describe("hostile texts", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "a,bridge=x",
      "a=b",
      "a;b",
      "a\nargs: -S",
      "\0",
      " a",
      "a ",
      "ü",
      "local:1,import-from=/etc/shadow",
    ),
  );
  const uuid = "11111111-2222-4333-8444-555555555555";

  test.each<[string, (text: string) => unknown, (text: string) => unknown]>([
    [
      "net.bridge",
      (bridge) => decodeNet(encodeNet({ model: "virtio", bridge })),
      (bridge) => ({ model: "virtio", bridge }),
    ],
    ["net.model", (model) => decodeNet(encodeNet({ model, vlan: 1 })), (model) => ({ model, vlan: 1 })],
    ["cpu", (type) => decodeCpu(encodeCpu({ type, hidden: true })), (type) => ({ type, hidden: true })],
    ["machine", (type) => decodeMachine(encodeMachine({ type })), (type) => ({ type })],
    [
      "drive.serial",
      (serial) => decodeDrive(encodeDrive({ volume: "a1:1", serial })),
      (serial) => ({ volume: "a1:1", serial }),
    ],
    [
      "drive.file",
      (volume) => decodeDrive(encodeDrive({ volume, ssd: true })),
      (volume) => ({ volume, ssd: true }),
    ],
    [
      "drive.import-from",
      (importFrom) => decodeDrive(encodeDrive({ importFrom })),
      (importFrom) => ({ importFrom }),
    ],
    ["ipconfig.ip", (ip) => decodeIpConfig(encodeIpConfig({ ip })), (ip) => ({ ip })],
    [
      "boot.order",
      (device) => decodeBoot(encodeBoot({ order: [device] })),
      (device) => ({ order: [device] }),
    ],
  ])("%s: refused, or itself again and nothing else", (_, roundTrip, expected) => {
    fc.assert(
      fc.property(hostile, (text) => {
        let back: unknown;
        try {
          back = roundTrip(text);
        } catch (error) {
          expect(error).toBeInstanceOf(LanguageError);
          return;
        }
        expect(back).toEqual(expected(text));
      }),
    );
  });

  test("smbios1 holds any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), (serial) => {
        const written = encodeSmbios({ uuid, serial });
        expect(written).toMatch(/^uuid=[0-9a-f-]{36},base64=1,serial=[A-Za-z0-9+/]+={0,2}$/);
        expect(decodeSmbios(written)).toEqual({ uuid, serial });
      }),
    );
  });
});
