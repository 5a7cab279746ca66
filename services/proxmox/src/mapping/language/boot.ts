import { type Open, propertyString } from "./property-string.ts";
import { list, text } from "./value.ts";

/** The `boot` option. */
export interface Boot extends Open {
  /** Options of the devices to boot from, in order. */
  readonly order?: readonly string[];
  /** What versions before 6.3 wrote: letters for disk, CD and network. */
  readonly legacy?: string;
}

const boot = propertyString<Boot>({
  option: "boot",
  defaultKey: "legacy",
  fields: {
    legacy: ["legacy", text(/[acdn]{1,4}/, "letters of a, c, d and n")],
    order: ["order", list(text(/[a-z]+\d+/, "a device such as scsi0 or net0"))],
  },
});

export const encodeBoot = boot.encode;
export const decodeBoot = boot.decode;
