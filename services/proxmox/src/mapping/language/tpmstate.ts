import { type Open, propertyString } from "./property-string.ts";
import { size } from "./size.ts";
import { choice } from "./value.ts";
import { volume } from "./volume.ts";

/** The `tpmstate0` option, from 7.0 on. */
export interface TpmState extends Open {
  readonly volume?: string;
  /** Unset means "v1.2". It never changes once the volume is there. */
  readonly version?: "v1.2" | "v2.0";
  readonly sizeBytes?: number;
}

const tpmstate = propertyString<TpmState>({
  option: "tpmstate0",
  defaultKey: "file",
  aliases: { volume: "file" },
  fields: {
    volume: ["file", volume],
    version: ["version", choice("v1.2", "v2.0")],
    sizeBytes: ["size", size],
  },
});

export const encodeTpmState = tpmstate.encode;
export const decodeTpmState = tpmstate.decode;
