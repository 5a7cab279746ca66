import { type Open, propertyString } from "./property-string.ts";
import { size } from "./size.ts";
import { choice, flag, text } from "./value.ts";
import { volume } from "./volume.ts";

/** The `efidisk0` option: UEFI's variables. */
export interface EfiDisk extends Open {
  readonly volume?: string;
  /** "4m" is needed for secure boot; unset means "2m". From 7.0 on. */
  readonly type?: "2m" | "4m";
  /** Whether Microsoft's and the distributions' keys are enrolled, which switches secure boot on. */
  readonly preEnrolledKeys?: boolean;
  /** Which of Microsoft's certificates, from 9 on: "2011", "2023", "2023w", "2023k". */
  readonly msCert?: string;
  readonly importFrom?: string;
  readonly sizeBytes?: number;
  readonly format?: string;
}

const efidisk = propertyString<EfiDisk>({
  option: "efidisk0",
  defaultKey: "file",
  aliases: { volume: "file" },
  fields: {
    volume: ["file", volume],
    type: ["efitype", choice("2m", "4m")],
    preEnrolledKeys: ["pre-enrolled-keys", flag],
    msCert: ["ms-cert", text(/[0-9a-z]+/, "one of 2011, 2023, 2023w, 2023k")],
    importFrom: ["import-from", volume],
    sizeBytes: ["size", size],
    format: ["format", text(/[a-z0-9]+/, "an image format")],
  },
});

export const encodeEfiDisk = efidisk.encode;
export const decodeEfiDisk = efidisk.decode;
