import { waitForOperation } from "@virtrigaud/kit/client";
import { Tristate, type VMSpec } from "@virtrigaud/proto";
import type { ProviderDaemon } from "@virtrigaud/test-tools";
import { nestedHypervisor } from "../libvirt/guest.ts";
import { startLibvirtd, startProvider } from "../libvirt/host.ts";
import type { Measurement } from "../measurement.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";
import { createPoweredOn, deleteAll, newVm } from "../vm.ts";

const id = "libvirt.nested_proof.seconds";

/** From CreateVM to the proof, by a VM in the VM, that it can host VMs; all of it emulated. */
export const nestedProof: Measurement = {
  rows: [{ id, unit: "s", target: { at: "most", bound: 10 } }],
  async measure(bench) {
    const libvirtd = await startLibvirtd(bench.scope);
    const spec = await nestedHypervisor(libvirtd);
    const provider = await startProvider(bench.scope, libvirtd);
    await proveOnce(provider, spec);
    const proofs = await repeat(bench, () => proveOnce(provider, spec));
    const runs = median(proofs.map(({ runsAfter }) => runsAfter));
    return {
      [id]: {
        value: median(proofs.map(({ provenAfter }) => provenAfter)),
        n: bench.runs,
        note: `emulated (TCG), its image in the pool; on after ${runs.toFixed(2)} s, the rest is the guest's boot and the proof in it`,
      },
    };
  },
};

/** Seconds from the request. */
async function proveOnce(
  { connection }: ProviderDaemon,
  spec: VMSpec,
): Promise<{ runsAfter: number; provenAfter: number }> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const uid = await createPoweredOn(connection, newVm(spec));
  const runsAfter = seconds();
  const { operation } = await connection.verifyNesting({ uid, guestCredentials: undefined });
  if (operation === undefined) throw new Error("VerifyNesting answered no operation");
  const { result } = await waitForOperation(connection, operation);
  const provenAfter = seconds();
  const proof = result?.$case === "nestingVerification" ? result.value : undefined;
  if (proof?.verdict !== Tristate.TRUE) throw new Error(`not proven: ${proof?.reason} ${proof?.message}`);
  await deleteAll(connection, [uid]);
  return { runsAfter, provenAfter };
}
