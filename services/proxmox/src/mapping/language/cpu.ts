import { type Open, propertyString } from "./property-string.ts";
import { type Codec, flag, list, text } from "./value.ts";

/** A flag with its sign: "+nested-virt", "-pcid". */
export type CpuFlag = `${"+" | "-"}${string}`;

/** The `cpu` option. */
export interface Cpu extends Open {
  /** Model: "host", "EPYC-Milan", "custom-NAME". Unset means kvm64. */
  readonly type?: string;
  readonly flags?: readonly CpuFlag[];
  /** Hide KVM from the guest. */
  readonly hidden?: boolean;
  readonly hvVendorId?: string;
  /** Only of custom models. */
  readonly reportedModel?: string;
  /** "host" or a number of bits. */
  readonly physBits?: string;
}

const name = /[A-Za-z0-9][A-Za-z0-9_.-]*/;
const word = text(/[+-][a-zA-Z0-9\-_.]+/, "a flag with + or -");
const signed: Codec<CpuFlag> = { ...word, decode: (one) => word.decode(one) as CpuFlag | undefined };

const cpu = propertyString<Cpu>({
  option: "cpu",
  defaultKey: "cputype",
  fields: {
    type: ["cputype", text(name, "the name of a CPU model")],
    flags: ["flags", list(signed)],
    hidden: ["hidden", flag],
    hvVendorId: ["hv-vendor-id", text(/[a-zA-Z0-9]{1,12}/, "1 to 12 letters and digits")],
    reportedModel: ["reported-model", text(name, "the name of a CPU model")],
    physBits: ["phys-bits", text(/host|\d{1,2}/, "host or a number of bits")],
  },
});

export const encodeCpu = cpu.encode;
export const decodeCpu = cpu.decode;

/** Whether a flag is set; undefined when the option says nothing about it. */
export function cpuFlag({ flags = [] }: Cpu, wanted: string): boolean | undefined {
  const found = flags.findLast((one) => one.slice(1) === wanted);
  return found?.startsWith("+");
}
