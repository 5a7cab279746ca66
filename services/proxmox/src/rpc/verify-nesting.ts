import { failedPrecondition, type OperationResult, type UnaryHandler } from "@virtrigaud/kit";
import { type GuestReport, verdict } from "@virtrigaud/kit/nesting-proof";
import { type NestingVerification, PowerState } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt, isRefused } from "../errors.ts";
import { askGuest } from "../guest/ask-guest.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { restartReasons } from "../mapping/found-config.ts";
import { readTags } from "../mapping/knobs.ts";
import { decodeAgent } from "../mapping/language/agent.ts";
import { stampMarker } from "../mapping/ownership.ts";
import { powerState } from "../mapping/power-state.ts";
import { Problems } from "../mapping/problems.ts";
import { optionOf } from "../mapping/vm-config.ts";
import { markerOf } from "../ownership.ts";
import { notRunning } from "../power.ts";
import { whenFree } from "../when-free.ts";

/** The guest credentials are not needed: the agent has a channel of its own. Calls for one VM share one proof. */
export const verifyNesting =
  (cluster: Cluster): UnaryHandler<"verifyNesting"> =>
  async ({ uid }, { signal }) => {
    const found = await cluster.vms.owned(uid, { signal });
    if (powerState(found.power) !== PowerState.ON) throw notRunning(verifying(found));
    const operation = cluster.jobs.start({
      key: `verify ${uid}`,
      description: `verify nested virtualization in ${found.name}`,
      run: (call) => prove(cluster, uid, found, call),
    });
    return { operation };
  };

const verifying = ({ name }: ReadVm): string => `verifying nesting in VM ${name}`;

async function prove(cluster: Cluster, uid: string, asked: ReadVm, call: Call): Promise<OperationResult> {
  const proof = verdict(await report(cluster, asked, call), new Date());
  await cluster.turns.run(uid, call.signal, () => keep(cluster, uid, asked, proof, call));
  return { $case: "nestingVerification", value: proof };
}

async function report(cluster: Cluster, vm: ReadVm, call: Call): Promise<GuestReport> {
  const { simulated } = await cluster.about(call);
  if (simulated) return { system: "silent", reason: "SIMULATED", words: "" };
  // Of such a VM Proxmox VE only says that no agent runs, as of one that boots.
  if (decodeAgent(optionOf(vm.config.current, "agent") ?? "").enabled !== true) return noChannel;
  return attempt(verifying(vm), async () => {
    try {
      return await askGuest(cluster.pve, vm, call);
    } catch (error) {
      throw isRefused(error, "INVALID_STATE") ? notRunning(verifying(vm)) : error;
    }
  });
}

const noChannel: GuestReport = {
  system: "silent",
  reason: "NO_GUEST_ACCESS",
  words: "the VM runs without a channel to an agent; set its option agent to 1, then power it off and on",
};

/**
 * The last proof counts, whatever it says. It is kept with the spec that the VM bore when its guest was asked, so that it falls with the next
 * one; one that was taken while another spec still ran says nothing about the one that waits, and is not kept.
 */
async function keep(
  cluster: Cluster,
  uid: string,
  asked: ReadVm,
  proof: NestingVerification,
  call: Call,
): Promise<void> {
  const found = await cluster.vms.owned(uid, call);
  const { node, vmid, name, config } = found;
  const marker = markerOf(found);
  const isAsAsked = marker?.specFingerprint === markerOf(asked)?.specFingerprint;
  if (marker === undefined || !isAsAsked || restartReasons(asked.config).length > 0) return;
  const problems = new Problems();
  const stamped = problems.written("notes", () =>
    stampMarker(marker, readTags(config.next), config.next, proof),
  );
  if (stamped === undefined) throw failedPrecondition(problems.violations);
  const options = cluster.pve.api(call).nodes.$(node).qemu.$(vmid).config;
  const parameters = { description: stamped.description, digest: config.digest };
  await attempt(`keeping the proof with VM ${name}`, () => whenFree(() => options.$put(parameters), call));
  cluster.vms.known.changed(uid);
}
