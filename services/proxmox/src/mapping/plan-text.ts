import type { VmConfig } from "./vm-config.ts";

/** Options whose values nobody but the guest shall see. */
const secret = /^cipassword$/;

/** Options as `qm config` prints them, secrets replaced. */
export const planText = (config: VmConfig): string =>
  Object.entries(config)
    .map(
      ([name, value]) =>
        `${name}: ${secret.test(name) ? "(redacted)" : encodeURIComponentLines(String(value))}\n`,
    )
    .join("");

/** One option is one line: as in Proxmox VE's own files, line ends are percent-encoded. */
const encodeURIComponentLines = (text: string): string => text.replace(/[\r\n%]/g, encodeURIComponent);
