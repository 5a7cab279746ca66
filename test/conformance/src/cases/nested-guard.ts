import {
  CreateSnapshotRequest,
  Feature,
  NestedPolicy,
  PowerAction,
  PowerState,
  SetPowerRequest,
} from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expectEqual, expectError, Skip } from "../expect.ts";

const guarded = { code: status.FAILED_PRECONDITION, reason: "NESTED_GUEST_GUARD" };

export const nestedGuard: Case = {
  id: "nested-guard",
  title: "The memory of a VM with nesting is saved only by express override",
  contract:
    "provider.proto, CreateSnapshot: FAILED_PRECONDITION NESTED_GUEST_GUARD (memory of a VM with nested virtualization configured, without override).",
  needs: [Feature.POWER, Feature.SNAPSHOT_MEMORY, Feature.POWER_SUSPEND],
  async run(context) {
    const { provider, signal } = context;
    if (context.fixture.nested.expect === "refused")
      throw new Skip("the fixture expects nesting to be refused here");
    const uid = context.uid();
    const spec = context.spec({ nestedVirtualization: { policy: NestedPolicy.REQUIRED } });
    await context.create(spec, uid);
    await context.power(uid, PowerAction.ON);

    const snapshot = CreateSnapshotRequest.fromPartial({ uid, name: "memory", includeMemory: true });
    await expectError(provider.createSnapshot(snapshot, { signal }), guarded, "a snapshot with memory");
    const override = { ...snapshot, overrideNestedGuard: true };
    await context.done((await provider.createSnapshot(override, { signal })).operation);

    const suspend = SetPowerRequest.fromPartial({ uid, action: PowerAction.SUSPEND });
    await expectError(provider.setPower(suspend, { signal }), guarded, "SUSPEND");
    expectEqual(
      (await context.find(uid))?.powerState,
      PowerState.ON,
      "power state after the refused SUSPEND",
    );
    await context.done(
      (await provider.setPower({ ...suspend, overrideNestedGuard: true }, { signal })).operation,
    );
    expectEqual(
      (await context.find(uid))?.powerState,
      PowerState.SUSPENDED,
      "power state after SUSPEND with override",
    );
  },
};
