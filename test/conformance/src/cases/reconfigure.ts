import {
  ChangeEffect,
  Disk,
  EnsureState,
  Feature,
  PowerAction,
  ReconfigureVMRequest,
  type VMSpec,
} from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectError } from "../expect.ts";

const MiB = 1024 ** 2;

export const reconfigure: Case = {
  id: "reconfigure",
  title: "ReconfigureVM stores the new spec, says how each change acts, and never shrinks a disk",
  contract:
    "provider.proto, ReconfigureVM: Ensures that an owned VM has this spec. … The stamped fingerprint is updated last.",
  needs: [Feature.RECONFIGURE, Feature.POWER],
  async run(context) {
    const uid = context.uid();
    const spec = context.spec();
    const made = await context.create(spec, uid);
    const bigger: VMSpec = { ...spec, cpus: 2, memoryBytes: 512 * MiB };
    const first = await once(context, uid, bigger);
    const changed = first.changes.map(({ feature }) => feature).sort();
    expectEqual(changed, [Feature.CPU, Feature.MEMORY], "features of the changes");
    const { vm } = await ensure(context, uid, bigger);
    expectEqual([vm?.spec?.cpus, vm?.spec?.memoryBytes], [2, 512 * MiB], "CPUs and memory");
    expectEqual(vm?.id, made.id, "id");
    expect(
      vm?.owner?.specFingerprint !== made.owner?.specFingerprint,
      "spec_fingerprint: expected a new one",
    );
    const next = await context.createOnce(bigger, uid);
    expectEqual(next.state, EnsureState.COMPLETE, "state of CreateVM with the new spec");
    const old = { code: status.ALREADY_EXISTS, reason: "SPEC_MISMATCH" };
    await expectError(context.createOnce(spec, uid), old, "CreateVM with the old spec");

    const disks = [Disk.fromPartial({ name: "root", sizeBytes: 32 * MiB })];
    const { violations } = await expectError(
      once(context, uid, { ...bigger, disks }),
      { code: status.INVALID_ARGUMENT },
      "a smaller disk",
    );
    expectEqual(
      violations.map(({ reason }) => reason),
      ["DISK_SHRINK"],
      "reasons of the violations",
    );
    await expectEffectWhileRunning(context, uid, bigger);
  },
};

/** Without leave to restart, a change on a running VM acts at once or is said to wait. */
async function expectEffectWhileRunning(context: CaseContext, uid: string, spec: VMSpec): Promise<void> {
  await context.power(uid, PowerAction.ON);
  const { vm, changes } = await ensure(context, uid, { ...spec, cpus: 3 });
  const effect = changes.find(({ feature }) => feature === Feature.CPU)?.effect ?? ChangeEffect.LIVE;
  const waits = effect === ChangeEffect.RESTART_REQUIRED;
  expectEqual(vm?.restartRequired, waits, "restart_required, as the change says");
  expectEqual((vm?.restartRequiredReasons.length ?? 0) > 0, waits, "restart_required_reasons are given");
  expectEqual(vm?.spec?.cpus, 3, "CPUs in the stored configuration");
}

function once(context: CaseContext, uid: string, spec: VMSpec) {
  const request = ReconfigureVMRequest.fromPartial({ uid, spec });
  return context.provider.reconfigureVm(request, { signal: context.signal });
}

function ensure(context: CaseContext, uid: string, spec: VMSpec) {
  return context.ensure(() => once(context, uid, spec));
}
