import { CpuVendor } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";

interface Rung {
  model: string;
  /** Flags of /proc/cpuinfo that this model needs beyond those of the ones before it. */
  adds: string;
}

/**
 * Server models of each vendor, each a superset of the one before, as QEMU defines them. Where a generation has several, the one that fewest
 * hosts fail: without TSX, which microcode took away, and with nothing that /proc/cpuinfo does not show.
 * Source: QEMU's target/i386/cpu.c, unchanged for these names since 4.2; Cascadelake is left out for a bit that only an MSR shows.
 */
const ladders: Readonly<Partial<Record<CpuVendor, readonly Rung[]>>> = {
  [CpuVendor.INTEL]: [
    { model: "Nehalem", adds: "sse4_1 sse4_2 ssse3 cx16 popcnt nx lahf_lm" },
    { model: "Westmere", adds: "aes pclmulqdq arat" },
    { model: "SandyBridge", adds: "avx xsave xsaveopt tsc_deadline_timer x2apic rdtscp" },
    { model: "IvyBridge", adds: "f16c rdrand fsgsbase smep erms" },
    { model: "Haswell-noTSX", adds: "avx2 bmi1 bmi2 fma movbe invpcid pcid abm" },
    { model: "Broadwell-noTSX", adds: "adx rdseed smap 3dnowprefetch" },
    { model: "Skylake-Client-noTSX-IBRS", adds: "xsavec xgetbv1 ibrs" },
    {
      model: "Skylake-Server-noTSX-IBRS",
      adds: "avx512f avx512dq avx512cd avx512bw avx512vl clflushopt clwb pku pdpe1gb",
    },
    {
      model: "Icelake-Server-noTSX",
      adds: "avx512_vnni avx512vbmi avx512_vbmi2 avx512_bitalg avx512_vpopcntdq gfni vaes vpclmulqdq la57 umip wbnoinvd ssbd",
    },
  ],
  [CpuVendor.AMD]: [
    {
      model: "EPYC",
      adds: "adx aes avx avx2 bmi1 bmi2 clflushopt cr8_legacy f16c fma fsgsbase misalignsse movbe osvw pdpe1gb rdrand rdseed sha_ni smap smep sse4a xgetbv1 xsavec xsaveopt 3dnowprefetch fxsr_opt mmxext topoext arat",
    },
    { model: "EPYC-Rome", adds: "clwb clzero perfctr_core rdpid umip wbnoinvd xsaves xsaveerptr ibpb stibp" },
    { model: "EPYC-Milan", adds: "erms fsrm ibrs invpcid pcid pku ssbd" },
  ],
};

/**
 * The newest model that every one of these nodes can give; undefined where there is none, or where a node does not tell its flags.
 * A model runs with QEMU's `enforce`: a feature too many, and the VM does not start.
 */
export function bestModel(vendor: CpuVendor, nodes: readonly Pick<Node, "cpuFlags">[]): string | undefined {
  let best: string | undefined;
  for (const { model, adds } of ladders[vendor] ?? []) {
    const needed = adds.split(" ");
    const everyoneHas = nodes.every(({ cpuFlags }) => needed.every((flag) => cpuFlags?.has(flag)));
    if (nodes.length === 0 || !everyoneHas) return best;
    best = model;
  }
  return best;
}
