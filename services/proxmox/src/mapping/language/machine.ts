import { type Open, propertyString } from "./property-string.ts";
import { choice, decimal, flag, text } from "./value.ts";

/** The `machine` option. Until 8.0 it is the type alone. */
export interface Machine extends Open {
  /** "q35", "pc", "pc-q35-9.2+pve1". Unset means the newest i440fx. */
  readonly type?: string;
  /** From 8.1 on; "intel" needs q35. */
  readonly viommu?: "intel" | "virtio";
  /** Address width of the IOMMU, from 9 on. */
  readonly awBits?: number;
  readonly enableS3?: boolean;
  readonly enableS4?: boolean;
}

const machine = propertyString<Machine>({
  option: "machine",
  defaultKey: "type",
  fields: {
    type: ["type", text(/[a-z][a-z0-9.+-]{0,39}/, "a machine type of at most 40 characters")],
    viommu: ["viommu", choice("intel", "virtio")],
    awBits: ["aw-bits", decimal],
    enableS3: ["enable-s3", flag],
    enableS4: ["enable-s4", flag],
  },
});

export const encodeMachine = machine.encode;
export const decodeMachine = machine.decode;

/** Whether a machine is a q35, whatever its version. */
export const isQ35 = ({ type = "" }: Machine): boolean => /^(?:pc-)?q35/.test(type);
