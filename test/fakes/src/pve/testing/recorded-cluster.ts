import type { ExecResult } from "../model/guest.ts";
import type { PveOptions } from "../options.ts";
import { type Pve, startPve } from "../start.ts";

const PASSWORD = "<password>";

const options: PveOptions = {
  version: "9.2",
  nodes: [
    {
      name: "pve1",
      vendor: "amd",
      cpus: 2,
      memoryBytes: 25276514304,
      kvm: false,
      virtualizationFlag: true,
    },
  ],
  storages: [{ id: "local", type: "dir", totalBytes: 270553174016, usedBytes: 33159401472 }],
  users: [
    { id: "root@pam", password: PASSWORD },
    { id: "bob@pve", password: "x" },
  ],
  tokens: [{ id: "root@pam!test" }, { id: "bob@pve!t" }],
  web: (url) => `500 Can't connect to ${new URL(url).host} (Connection refused)`,
};

/** The recorded guest's interfaces and system. */
const inside = {
  osinfo: {
    name: "guest",
    "kernel-release": "6.12.107+deb13-amd64",
    machine: "x86_64",
    "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-29)",
  },
  interfaces: [
    {
      name: "lo",
      "hardware-address": "00:00:00:00:00:00",
      "ip-addresses": [
        { prefix: 8, "ip-address-type": "ipv4", "ip-address": "127.0.0.1" },
        { prefix: 128, "ip-address-type": "ipv6", "ip-address": "::1" },
      ],
    },
    {
      name: "eth0",
      "hardware-address": "bc:24:11:00:01:40",
      "ip-addresses": [
        { "ip-address": "192.0.2.77", "ip-address-type": "ipv4", prefix: 24 },
        { prefix: 64, "ip-address": "fe80::be24:11ff:fe00:140", "ip-address-type": "ipv6" },
      ],
    },
  ],
} as const;

/** A cluster like the recorded one, with the VMs that were there before. */
export async function recordedCluster(state: { agentReady: boolean }): Promise<Pve> {
  const pve = await startPve({
    ...options,
    guest: ({ vmid }) => ({
      get agent() {
        return state.agentReady;
      },
      shutsDown: vmid !== 922,
      ...inside,
      exec: guestProgram,
    }),
  });
  addRecordedVms(pve);
  return pve;
}

function guestProgram([program, , script]: readonly string[]): ExecResult | undefined {
  if (program !== "/bin/sh") return undefined;
  if (script?.includes("exit 3")) return { exitcode: 3, err: "err\n" };
  return { exitcode: 0, out: "crw-------    1 root     0          10, 232 Nov 20 09:40 /dev/kvm\n1\n1\n" };
}

function addRecordedVms({ cluster }: Pve): void {
  const volumes = cluster.storages.get("local")?.volumes("pve1");
  const add = (vmid: number, file: string, sizeBytes: number, usedBytes: number) => {
    const name = `${vmid}/${file}`;
    const format = file.split(".")[1] ?? "raw";
    const common = {
      content: "images",
      parent: undefined,
      ctime: 1795163641,
      snapshots: new Set<string>(),
    } as const;
    volumes?.set(name, { name, format, vmid, sizeBytes, usedBytes, ...common });
  };
  add(100, "vm-100-disk-0.raw", 2 ** 30, 4096);
  add(110, "vm-110-disk-0.raw", 540672, 540672);
  add(110, "vm-110-disk-1.raw", 540672, 540672);
  add(110, "vm-110-disk-2.qcow2", 2 ** 30, 331776);
  add(110, "vm-110-disk-3.raw", 8704, 8192);
  add(120, "base-120-disk-0.qcow2", 2 ** 30, 335872);
  add(140, "vm-140-disk-0.qcow2", 2 ** 30, 331776);
  const disk = (file: string) => ({ scsi0: `local:${file},size=1G`, boot: "order=scsi0" });
  cluster.addVm(100, "pve1", {
    name: "nest",
    tags: "a;b;c",
    memory: "1024",
    ...disk("100/vm-100-disk-0.raw"),
  });
  cluster.addVm(110, "pve1", { tags: "a;b", memory: "2048", cores: "2", ...disk("110/vm-110-disk-2.qcow2") });
  cluster.addVm(120, "pve1", { template: "1", memory: "512", ...disk("120/base-120-disk-0.qcow2") });
  cluster.addVm(140, "pve1", {
    name: "l1",
    memory: "512",
    agent: "1",
    kvm: "0",
    cpu: "max,flags=+nested-virt",
    ...disk("140/vm-140-disk-0.qcow2"),
  });
}
