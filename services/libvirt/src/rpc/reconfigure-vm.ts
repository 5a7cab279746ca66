import { required, type UnaryHandler } from "@virtrigaud/kit";
import {
  ChangeEffect,
  EnsureState,
  type KnobChange,
  type Operation,
  type ReconfigureVMResponse,
  RestartPolicy,
  View,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { notFound } from "../domains.ts";
import type { Host } from "../host.ts";
import { restartReasons } from "../mapping/drift.ts";
import { readMarker } from "../mapping/metadata.ts";
import { observe } from "../mapping/observation.ts";
import { markerFor } from "../planning.ts";
import type { Found } from "../read-domain.ts";
import { requireOurs } from "../require-ours.ts";
import { planReshape, reshape } from "../reshape.ts";
import { restart } from "../restart.ts";

/** One step of the ensure: what differs is made so; what waits for a restart gets one where the policy allows it. */
export const reconfigureVm =
  (host: Host): UnaryHandler<"reconfigureVm"> =>
  async ({ uid, spec, restartPolicy }, call) => {
    const asked = required(spec);
    const underWay = host.jobs.running(keyOf(uid));
    if (underWay !== undefined) return inProgress(underWay, []);
    return host.turns.run(uid, call.signal, async () => {
      const found = await host.domains.owned(uid, call, "full");
      requireOurs(found, uid);
      const held = readMarker(found.stored);
      const marker = markerFor(uid, held?.controllerId ?? "", asked);
      const plan = await planReshape(host, found, marker, asked, call);
      const isSame = plan.changes.length === 0 && held?.specFingerprint === marker.specFingerprint;
      const changes = isSame ? [] : await reshape(host, found, plan, marker, call);
      const now = isSame ? found : await lookAgain(host, found, call);
      const waits = changes.some(({ effect }) => effect === ChangeEffect.RESTART_REQUIRED) || isWaiting(now);
      const knobs = changes.map(({ action: _, ...change }): KnobChange => change);
      if (waits && now.live !== undefined && restartPolicy === RestartPolicy.IF_NEEDED)
        return inProgress(startRestart(host, uid, now), knobs);
      return complete(host, now, knobs, call);
    });
  };

const keyOf = (uid: string): string => `restart ${uid}`;

const isWaiting = ({ stored, live }: Found): boolean => restartReasons(stored, live).length > 0;

async function lookAgain(host: Host, { domain }: Found, call: Call): Promise<Found> {
  const now = await host.domains.read(domain, call, "full");
  if (now === undefined) throw notFound(`VM ${domain.name} was removed meanwhile`);
  host.inventory.note(now);
  return now;
}

const startRestart = (host: Host, uid: string, { domain }: Found): Operation =>
  host.jobs.start({
    key: keyOf(uid),
    description: "restart the VM for its new configuration",
    run: ({ signal }) => host.turns.run(uid, signal, () => restart(host.libvirt, domain, { signal })),
  });

const inProgress = (operation: Operation, changes: KnobChange[]): ReconfigureVMResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
  vm: undefined,
  changes,
});

async function complete(
  host: Host,
  found: Found,
  changes: KnobChange[],
  call: Call,
): Promise<ReconfigureVMResponse> {
  const vm = observe(found, await host.sight(call), View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm, changes };
}
