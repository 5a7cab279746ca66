import { CpuVendor } from "@virtrigaud/proto";
import type { Node, Storage } from "../inventory.ts";

const gib = 2 ** 30;

const commonFlags =
  "fpu nx lm lahf_lm rdtscp ssse3 sse4_1 sse4_2 cx16 popcnt aes pclmulqdq avx avx2 f16c fma movbe rdrand rdseed xsave xsaveopt xsavec xgetbv1 bmi1 bmi2 abm adx smap smep fsgsbase erms pcid invpcid arat pdpe1gb 3dnowprefetch clflushopt clwb pku umip rdpid ssbd";
/** An Intel Xeon Gold 6338 (Ice Lake), as /proc/cpuinfo shows it. */
const icelakeFlags = `${commonFlags} vmx tsc_deadline_timer x2apic ibrs avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni avx512vbmi avx512_vbmi2 avx512_bitalg avx512_vpopcntdq gfni vaes vpclmulqdq la57 wbnoinvd`;
/** An Intel Xeon Gold 6148 (Skylake). */
const skylakeFlags = icelakeFlags.replace(/ avx512_vnni.*$/, "");
/** An AMD EPYC 7543 (Milan). */
const milanFlags = `${commonFlags} svm cr8_legacy misalignsse osvw sse4a fxsr_opt mmxext topoext sha_ni clzero perfctr_core wbnoinvd xsaves xsaveerptr ibpb ibrs stibp fsrm`;

const storage = (name: string, type: string, content: string, more: Partial<Storage> = {}): Storage => ({
  name,
  type,
  content: new Set(content.split(" ")),
  shared: false,
  active: true,
  availableBytes: 500 * gib,
  ...more,
});

/** "local" for images and ISO images, "fast-ssd" thin, "thick" on LVM, "nfs" shared by all nodes, "old" off. */
export const storages: readonly Storage[] = [
  storage("local", "dir", "iso vztmpl backup import"),
  storage("local-lvm", "lvmthin", "images rootdir"),
  storage("fast-ssd", "zfspool", "images rootdir"),
  storage("thick", "lvm", "images"),
  storage("nfs", "nfs", "images iso", { shared: true }),
  storage("old", "dir", "images iso", { active: false }),
];

/** An Intel node with 9.2 that can nest. */
export const intel = (more: Partial<Node> = {}): Node => ({
  name: "pve1",
  online: true,
  version: "9.2.11",
  cpuVendor: CpuVendor.INTEL,
  cpuModel: "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
  cpuFlags: new Set(icelakeFlags.split(" ")),
  threads: 64,
  coreMhz: 2000,
  memoryBytes: 256 * gib,
  memoryFreeBytes: 128 * gib,
  cgroups: 2,
  nestedVirt: true,
  qemu: "10.0",
  bridges: ["vmbr0", "vmbr1", "lab"],
  storages,
  reserved: { cpuMhz: 0, memoryBytes: 0 },
  ...more,
});

/** The same with an older CPU. */
export const skylake = (more: Partial<Node> = {}): Node =>
  intel({
    name: "pve2",
    cpuModel: "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz",
    cpuFlags: new Set(skylakeFlags.split(" ")),
    coreMhz: 2400,
    memoryFreeBytes: 64 * gib,
    ...more,
  });

/** An AMD node. */
export const amd = (more: Partial<Node> = {}): Node =>
  intel({
    name: "pve3",
    cpuVendor: CpuVendor.AMD,
    cpuModel: "AMD EPYC 7543 32-Core Processor",
    cpuFlags: new Set(milanFlags.split(" ")),
    coreMhz: 2800,
    ...more,
  });

const flat = (flags: ReadonlySet<string> | undefined): ReadonlySet<string> =>
  new Set([...(flags ?? [])].filter((flag) => flag !== "vmx" && flag !== "svm"));

/** A node whose firmware has VT-x off. */
export const withoutVtx = (more: Partial<Node> = {}): Node =>
  intel({ cpuFlags: flat(intel().cpuFlags), nestedVirt: false, ...more });

/** A node of an older Proxmox VE, which tells of its CPU alone. */
export const older = (version: "6.4-15" | "7.4-16" | "8.4.5", node: Node = intel()): Node => ({
  ...node,
  version,
  nestedVirt: undefined,
  qemu: { "6.4-15": "5.2", "7.4-16": "7.2", "8.4.5": "9.2" }[version],
  cgroups: version === "6.4-15" ? 1 : 2,
});
