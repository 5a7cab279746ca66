import { Disk, DiskProvisioning, EnsureState, Feature, type Operation, type VMSpec } from "@virtrigaud/proto";
import type { CaseContext } from "./case-context.ts";
import { expectPresent, Skip } from "./expect.ts";

const MiB = 1024 ** 2;

/** A CreateVM that is under way. */
export interface StartedCreate {
  readonly uid: string;
  readonly spec: VMSpec;
  readonly operation: Operation;
}

/**
 * Calls CreateVM once, so that there is an operation. A hypervisor that makes a small VM within the call is asked for one whose disk takes all
 * its space at once. @throws Skip when even that is COMPLETE at once.
 */
export async function startCreate(context: CaseContext): Promise<StartedCreate> {
  const provisioning = DiskProvisioning.EAGER_ZEROED;
  const disks = [Disk.fromPartial({ name: "root", sizeBytes: 64 * MiB, provisioning })];
  const specs = [
    context.spec(),
    ...(context.can(Feature.DISK_PROVISIONING) ? [context.spec({ disks })] : []),
  ];
  for (const spec of specs) {
    const uid = context.uid();
    const { state, operation } = await context.createOnce(spec, uid);
    if (state !== EnsureState.COMPLETE)
      return { uid, spec, operation: expectPresent(operation, "operation") };
  }
  throw new Skip("CreateVM was COMPLETE at once: there is no operation");
}
