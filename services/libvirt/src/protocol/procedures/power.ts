import { int } from "../../xdr/numbers.ts";
import { Shutdown } from "../flags.ts";
import { procedure } from "../procedure.ts";
import { domain, flags, optionalText, text } from "../types.ts";

/** With the agent's bit the call waits for the guest. */
const byAgent = ({ flags }: { readonly flags?: number | undefined }) =>
  (flags ?? 0) & Shutdown.GUEST_AGENT ? "agent" : "control";

/** Starting and stopping domains. */
export const powerProcedures = {
  /** Starts a domain that nothing is left of when it ends. */
  domainCreateXml: procedure(10, { args: { xml: text, flags }, returns: { domain }, lane: "long" }),
  /** Answers the domain with its new id. */
  domainCreateWithFlags: procedure(196, { args: { domain, flags }, returns: { domain }, lane: "long" }),
  /** Pulls the plug. Quick, unless QEMU hangs on its storage. */
  domainDestroyFlags: procedure(234, { args: { domain, flags }, lane: "long" }),
  /** Asks the guest; returns before it is off, if it ever is. */
  domainShutdownFlags: procedure(258, { args: { domain, flags }, lane: byAgent }),
  domainReboot: procedure(27, { args: { domain, flags }, lane: byAgent }),
  domainReset: procedure(245, { args: { domain, flags } }),
  domainSuspend: procedure(34, { args: { domain } }),
  domainResume: procedure(28, { args: { domain } }),
  /** Writes the memory to disk and stops; the next start restores it. */
  domainManagedSave: procedure(182, { args: { domain, flags }, lane: "long" }),
  domainHasManagedSaveImage: procedure(183, { args: { domain, flags }, returns: { result: int } }),
  domainManagedSaveRemove: procedure(184, { args: { domain, flags } }),
  /** Starts what was saved into the file `from` on the host, changed to `xml` where disks have moved. */
  domainRestoreFlags: procedure(233, { args: { from: text, xml: optionalText, flags }, lane: "long" }),
  /** The description that a saved memory belongs to. */
  domainSaveImageGetXmlDesc: procedure(235, { args: { file: text, flags }, returns: { xml: text } }),
};
