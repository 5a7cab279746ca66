import type { UnaryHandler } from "@virtrigaud/kit";
import { GetInfoResponse } from "@virtrigaud/proto";
import type { Cluster } from "../cluster.ts";
import { contractVersion, providerVersion } from "../version.ts";

/** Whoever asks who this is does not want to wait for a cluster that hangs. */
const patienceMs = 3_000;

/** Answers also while Proxmox VE is unreachable: then it says nothing about it. */
export const getInfo =
  (cluster: Cluster): UnaryHandler<"getInfo"> =>
  async (_request, { signal, log }) => {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const about = await cluster.about({ signal: soon }).catch((error: unknown) => {
      log.warn({ err: error }, "Proxmox VE's version cannot be read");
      return undefined;
    });
    return GetInfoResponse.fromPartial({
      provider: "proxmox",
      version: providerVersion,
      contractVersion,
      endpoint: cluster.endpoint,
      hypervisorType: about === undefined ? "" : "Proxmox VE",
      hypervisorVersion: about?.version ?? "",
      hypervisorApiVersion: about?.release ?? "",
      ...(about === undefined ? {} : { simulated: about.simulated }),
    });
  };
