import type { Call } from "../call.ts";
import { ErrorCode, type Libvirt } from "../client/index.ts";
import { unlessGone } from "../errors.ts";
import { destroyCanary } from "./canary.ts";
import { canaryStartedAt, mayBeCanary } from "./canary-xml.ts";

/** A younger one may be another provider's at work, whose clock may be a little off. */
const leftoverMs = 60_000;

/** Ends the canaries that daemons left behind that were killed while they watched them. */
export async function removeLeftovers(libvirt: Libvirt, call: Call): Promise<void> {
  const { domains } = await libvirt.call("connectListAllDomains", {}, call);
  for (const domain of domains.filter(({ name }) => mayBeCanary(name))) {
    const described = await unlessGone(
      libvirt.call("domainGetXmlDesc", { domain }, call),
      ErrorCode.NO_DOMAIN,
    );
    const startedAt = described && canaryStartedAt(described.xml);
    if (startedAt !== undefined && Date.now() - startedAt > leftoverMs)
      await destroyCanary(libvirt, domain.uuid);
  }
}
