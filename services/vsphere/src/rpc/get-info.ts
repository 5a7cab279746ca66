import type { UnaryHandler } from "@virtrigaud/kit";
import type { AboutInfo } from "../vim/types.ts";
import { isSimulated, type Vcenter } from "../vcenter.ts";
import { contractVersion, providerVersion } from "../version.ts";

/** Answers also while vCenter is unreachable: then it says nothing about vCenter. */
export const getInfo =
  (vcenter: Vcenter): UnaryHandler<"getInfo"> =>
  async (_request, { signal, log }) => {
    const about: AboutInfo | undefined = await vcenter.about({ signal }).catch((error: unknown) => {
      log.warn({ err: error }, "vCenter's version cannot be read");
      return undefined;
    });
    return {
      provider: "vsphere",
      version: providerVersion,
      contractVersion,
      hypervisorType: about?.name ?? "",
      hypervisorVersion: about === undefined ? "" : `${about.version} build-${about.build}`,
      hypervisorApiVersion: about?.apiVersion ?? "",
      endpoint: vcenter.endpoint,
      ...(about === undefined ? {} : { simulated: isSimulated(about) }),
    };
  };
