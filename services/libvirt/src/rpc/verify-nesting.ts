import type { OperationResult, UnaryHandler } from "@virtrigaud/kit";
import { verdict } from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import { whileRunning } from "../power.ts";
import { askGuest } from "../guest/ask-guest.ts";
import type { Host } from "../host.ts";
import { readMarker } from "../mapping/metadata.ts";
import { verificationElement, verificationNamespace } from "../mapping/verification.ts";
import { requireRunning, type Running } from "../running.ts";
import { setMetadata } from "../set-metadata.ts";

/** The guest credentials are not needed: the agent has a channel of its own. Calls for one VM share one proof. */
export const verifyNesting =
  (host: Host): UnaryHandler<"verifyNesting"> =>
  async ({ uid }, { signal }) => {
    const running = await requireRunning(host, uid, "verifying nesting", { signal });
    const operation = host.jobs.start({
      key: `verify ${uid}`,
      description: `verify nested virtualization in ${running.domain.name}`,
      run: (call) => prove(host, uid, running, call),
    });
    return { operation };
  };

/**
 * The last proof counts, whatever it says: one that could not be taken makes a VM that was proven UNKNOWN again. It is kept with the spec that
 * runs, so that a change that waits for a restart is not taken for proven.
 */
async function prove(
  host: Host,
  uid: string,
  { domain, live, marker }: Running,
  call: Call,
): Promise<OperationResult> {
  const what = `verifying nesting in VM ${domain.name}`;
  const report = await whileRunning(what, () => askGuest(host.libvirt, domain, call));
  const proof = verdict(report, new Date());
  const { specFingerprint } = readMarker(live) ?? marker;
  const element = verificationElement(proof, specFingerprint);
  await host.turns.run(uid, call.signal, () =>
    whileRunning(what, () => setMetadata(host, domain, verificationNamespace, element, "both", call)),
  );
  return { $case: "nestingVerification", value: proof };
}
