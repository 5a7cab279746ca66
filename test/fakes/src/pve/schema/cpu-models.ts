import type { Major } from "../release.ts";

/** Who makes a CPU model; `default` takes the host's. */
export type CpuVendor = "GenuineIntel" | "AuthenticAMD" | "default";

/** A CPU model that QEMU brings. */
export interface CpuModel {
  readonly name: string;
  readonly vendor: CpuVendor;
}

/** Models that PVE composes itself since 8: they report qemu64, so they never nest. */
export const abstractModels: readonly string[] = ["x86-64-v2", "x86-64-v2-AES", "x86-64-v3", "x86-64-v4"];

/** Every model of a major version. */
export function cpuModels(major: Major): readonly CpuModel[] {
  return Object.entries(vendors).flatMap(([vendor, since]) =>
    Object.entries(since)
      .filter(([first]) => Number(first) <= major)
      .flatMap(([, names]) => names.split(" ").map((name) => ({ name, vendor: vendor as CpuVendor }))),
  );
}

// By the first major version that has them.
const vendors: Readonly<Record<CpuVendor, Readonly<Partial<Record<Major, string>>>>> = {
  GenuineIntel: {
    6: [
      "486 pentium pentium2 pentium3 coreduo core2duo Conroe Penryn Nehalem Nehalem-IBRS Westmere Westmere-IBRS",
      "SandyBridge SandyBridge-IBRS IvyBridge IvyBridge-IBRS Haswell Haswell-IBRS Haswell-noTSX",
      "Haswell-noTSX-IBRS Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Skylake-Client",
      "Skylake-Client-IBRS Skylake-Client-noTSX-IBRS Skylake-Server Skylake-Server-IBRS",
      "Skylake-Server-noTSX-IBRS Cascadelake-Server Cascadelake-Server-noTSX KnightsMill Icelake-Client",
      "Icelake-Client-noTSX Icelake-Server Icelake-Server-noTSX",
    ].join(" "),
    8: [
      "Skylake-Client-v4 Skylake-Server-v4 Skylake-Server-v5 Cascadelake-Server-v2 Cascadelake-Server-v4",
      "Cascadelake-Server-v5 Cooperlake Cooperlake-v2 Icelake-Server-v3 Icelake-Server-v4 Icelake-Server-v5",
      "Icelake-Server-v6 SapphireRapids SapphireRapids-v2 GraniteRapids",
    ].join(" "),
    9: [
      "Icelake-Server-v7 SapphireRapids-v3 SapphireRapids-v4 GraniteRapids-v2 GraniteRapids-v3 SierraForest",
      "SierraForest-v2 SierraForest-v3 ClearwaterForest",
    ].join(" "),
  },
  AuthenticAMD: {
    6: "athlon phenom Opteron_G1 Opteron_G2 Opteron_G3 Opteron_G4 Opteron_G5 EPYC EPYC-IBPB EPYC-Rome",
    7: "EPYC-Milan",
    8: "EPYC-v3 EPYC-v4 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Milan-v2 EPYC-Genoa",
    9: "EPYC-v5 EPYC-Rome-v5 EPYC-Milan-v3 EPYC-Genoa-v2 EPYC-Turin",
  },
  default: { 6: "host kvm32 kvm64 qemu32 qemu64 max" },
};
