import { describe, expect, test } from "@jest/globals";
import type { NodeOptions } from "../options.ts";
import type { PveVersion } from "../release.ts";
import { stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const vms = "/nodes/pve1/qemu";

interface Case {
  readonly name: string;
  readonly node: Partial<NodeOptions>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly exit: string;
  readonly log: readonly string[];
  /** What the guest's CPU shows once it runs. */
  readonly guest?: "vmx" | "svm" | undefined;
  readonly version?: PveVersion;
}

const failedStart = "start failed: QEMU exited with code 1";
const unresolved = "WARN: ignoring 'nested-virt' CPU flag - unable to resolve from host CPU flags";
const lacking = (feature: string) => [
  `kvm: warning: host doesn't support requested feature: ${feature}`,
  "kvm: Host doesn't support requested features",
];

const cases: readonly Case[] = [
  {
    name: "host nests where the node does",
    node: {},
    config: { cpu: "host" },
    exit: "OK",
    log: [],
    guest: "vmx",
  },
  {
    name: "host does not nest silently",
    node: { nesting: false },
    config: { cpu: "host" },
    exit: "OK",
    log: [],
  },
  {
    name: "host without the flag does not nest",
    node: {},
    config: { cpu: "host,flags=-nested-virt" },
    exit: "OK",
    log: ["CPU flag 'nested-virt' resolved to 'vmx'"],
  },
  {
    name: "a vendor model with the flag nests",
    node: { vendor: "amd" },
    config: { cpu: "EPYC-Rome,flags=+nested-virt" },
    exit: "OK",
    log: ["CPU flag 'nested-virt' resolved to 'svm'"],
    guest: "svm",
  },
  {
    name: "a vendor model with the flag fails fast where the node does not nest",
    node: { nesting: false },
    config: { cpu: "Haswell,flags=+nested-virt" },
    exit: failedStart,
    log: ["CPU flag 'nested-virt' resolved to 'vmx'", ...lacking("CPUID.01H:ECX.vmx [bit 5]")],
  },
  {
    name: "a model of the other vendor fails",
    node: { vendor: "intel" },
    config: { cpu: "EPYC" },
    exit: failedStart,
    log: lacking("CPUID.80000001H:ECX.fma4 [bit 16]"),
  },
  { name: "no cpu is kvm64, which does not nest", node: {}, config: {}, exit: "OK", log: [] },
  { name: "x86-64-v3 does not nest", node: {}, config: { cpu: "x86-64-v3" }, exit: "OK", log: [] },
  {
    name: "without KVM a VM that wants it does not start",
    node: { kvm: false },
    config: { cpu: "host" },
    exit: "KVM virtualisation configured, but not available. Either disable in VM configuration or enable in BIOS.",
    log: [],
  },
  {
    name: "emulated, max nests on any host, but the flag is only warned about",
    node: { kvm: false },
    config: { kvm: 0, cpu: "max,flags=+nested-virt" },
    exit: "WARNINGS: 1",
    log: [unresolved],
    guest: "svm",
  },
  {
    name: "host needs KVM",
    node: {},
    config: { kvm: 0, cpu: "host" },
    exit: failedStart,
    log: [],
  },
  {
    name: "8.4: host nests",
    version: "8.4",
    node: {},
    config: { cpu: "host" },
    exit: "OK",
    log: [],
    guest: "vmx",
  },
  {
    name: "more cores than the node has",
    node: { cpus: 2 },
    config: { cores: 4 },
    exit: "MAX 2 vcpus allowed per VM on this node",
    log: [],
  },
  {
    name: "more memory than the node has",
    node: { memoryBytes: 2 ** 30 },
    config: { memory: 4096 },
    exit: failedStart,
    log: ["kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory"],
  },
  {
    name: "memory hot-plug without NUMA",
    node: {},
    config: { memory: 2048, hotplug: "memory" },
    exit: "NUMA needs to be enabled for memory hotplug",
    log: [],
  },
];

describe("starts by node and CPU", () => {
  test.each(cases)("$name", async ({ node, config, exit, log, guest, version }) => {
    const { pve, run, call } = await withPve({
      nodes: [{ name: "pve1", ...node }],
      ...(version === undefined ? {} : { version }),
    });
    await run("POST", vms, { vmid: 100, ...config });
    const ended = await run("POST", `${vms}/100/status/start`, {});
    const last = exit === "OK" || exit.startsWith("WARNINGS") ? `TASK ${exit}` : `TASK ERROR: ${exit}`;
    expect(ended).toEqual({ exit, log: [...log, last] });
    expect(pve.cluster.vms.get(100)?.process?.virtualization).toBe(guest);
    // A start that fails leaves the VM there, stopped.
    expect((await call("GET", `${vms}/100/status/current`)).status).toBe(200);
  });
});

test("what a script makes of a task", async () => {
  const onTask = ({ type }: { readonly type: string }) => {
    if (type === "qmstart") return { warnings: ["look out"], fail: "the disk is on fire" };
    return type === "qmcreate" ? { warnings: ["one", "two"] } : undefined;
  };
  const { run } = await withPve({ onTask });
  expect(await run("POST", vms, { vmid: 100 })).toEqual({
    exit: "WARNINGS: 2",
    log: ["WARN: one", "WARN: two", "TASK WARNINGS: 2"],
  });
  expect(await run("POST", `${vms}/100/status/start`, {})).toEqual({
    exit: "the disk is on fire",
    log: ["WARN: look out", "TASK ERROR: the disk is on fire"],
  });
});
