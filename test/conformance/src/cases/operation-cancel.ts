import { Feature, OperationState } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { describe, errorOf, expect, expectEqual } from "../expect.ts";
import { startCreate } from "../start-create.ts";

export const operationCancel: Case = {
  id: "operation-cancel",
  title: "A cancelled CreateVM is completed by calling again; an operation that is done stays as it is",
  contract:
    "provider.proto, CancelOperation: Asks the hypervisor to cancel an operation …; one that is done stays as it is.",
  needs: [Feature.CANCEL_OPERATION],
  async run(context) {
    const { provider, signal } = context;
    const { uid, spec, operation } = await startCreate(context);
    const { name } = operation;
    const refusal = await errorOf(provider.cancelOperation({ name }, { signal }));
    const right = refusal === undefined || refusal.reason === "NOT_CANCELLABLE";
    expect(
      right,
      `CancelOperation: expected a success or NOT_CANCELLABLE, got ${refusal && describe(refusal)}`,
    );
    const ended = await errorOf(context.done(operation));
    const expected = ended === undefined || ended.code === status.CANCELLED;
    expect(expected, `the operation: expected success or CANCELLED, got ${ended && describe(ended)}`);

    const made = await context.create(spec, uid);
    expectEqual(
      (await context.named(spec.name)).map((vm) => vm.id),
      [made.id],
      `VMs named ${spec.name}`,
    );
    const { operation: after } = await provider.cancelOperation({ name }, { signal });
    const wanted = ended === undefined ? OperationState.SUCCEEDED : OperationState.CANCELLED;
    expectEqual(after?.state, wanted, "state after cancelling an operation that is done");
  },
};
