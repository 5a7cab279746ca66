import { type Open, propertyString } from "./property-string.ts";
import { integer, text } from "./value.ts";

/** The `meta` option, from 7.1 on, which only Proxmox VE writes. */
export interface Meta extends Open {
  readonly creationQemu?: string;
  /** Seconds since 1970. */
  readonly ctime?: number;
}

const meta = propertyString<Meta>({
  option: "meta",
  fields: {
    creationQemu: ["creation-qemu", text(/\d+(?:\.\d+)*/, "a version")],
    ctime: ["ctime", integer(0, Number.MAX_SAFE_INTEGER)],
  },
});

export const decodeMeta = meta.decode;
