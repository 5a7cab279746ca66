import type { NodeOptions } from "../options.ts";

const CPU_FLAGS =
  "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall" +
  " nx pdpe1gb rdtscp lm constant_tsc rep_good nopl xtopology cpuid pni pclmulqdq ssse3 fma cx16 pcid sse4_1" +
  " sse4_2 x2apic movbe popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm avx2 bmi1 bmi2 erms invpcid";

const GIB = 2 ** 30;

/** A node of the cluster. */
export class Node {
  readonly name: string;
  readonly vendor: "intel" | "amd";
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly bridges: readonly string[];
  /** Has it /dev/kvm? */
  readonly kvm: boolean;
  /** Does its KVM let guests nest? */
  readonly nesting: boolean;
  /** 1 for the first node. */
  readonly id: number;
  online: boolean;
  readonly #virtualizationFlag: boolean;
  readonly #bootedAtMs = Date.now();

  constructor(id: number, options: NodeOptions) {
    this.id = id;
    this.name = options.name;
    this.vendor = options.vendor ?? "intel";
    this.memoryBytes = options.memoryBytes ?? 64 * GIB;
    this.cpus = options.cpus ?? 16;
    this.bridges = options.bridges ?? ["vmbr0"];
    this.kvm = options.kvm ?? true;
    this.nesting = this.kvm && (options.nesting ?? true);
    this.online = options.online ?? true;
    this.#virtualizationFlag = options.virtualizationFlag ?? this.kvm;
  }

  /** The flag of its vendor's virtualization. */
  get virtualization(): "vmx" | "svm" {
    return this.vendor === "intel" ? "vmx" : "svm";
  }

  /** What /proc/cpuinfo shows of it. */
  get shownVirtualization(): "vmx" | "svm" | undefined {
    return this.#virtualizationFlag ? this.virtualization : undefined;
  }

  get cpuVendor(): "GenuineIntel" | "AuthenticAMD" {
    return this.vendor === "intel" ? "GenuineIntel" : "AuthenticAMD";
  }

  get cpuFlags(): string {
    const shown = this.shownVirtualization;
    return shown === undefined ? CPU_FLAGS : CPU_FLAGS.replace("fpu vme", `fpu ${shown} vme`);
  }

  /** Used by the system itself. */
  get systemBytes(): number {
    return Math.min(GIB, this.memoryBytes / 8);
  }

  get ip(): string {
    return `192.0.2.${this.id + 1}`;
  }

  get uptimeSeconds(): number {
    return 5_000 + Math.floor((Date.now() - this.#bootedAtMs) / 1000);
  }
}
