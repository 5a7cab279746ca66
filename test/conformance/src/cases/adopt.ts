import { AdoptVMRequest, Feature } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expectEqual, expectError } from "../expect.ts";

export const adopt: Case = {
  id: "adopt",
  title: "AdoptVM never takes another owner's VM, and repeating it is a success",
  contract:
    "provider.proto, AdoptVM: ALREADY_EXISTS OWNED_BY_ANOTHER … Repeating it with the same uid succeeds.",
  needs: [Feature.ADOPT],
  async run(context) {
    const { provider, signal } = context;
    const uid = context.uid();
    const made = await context.create(context.spec(), uid);
    const call = (id: string, by: string) =>
      provider.adoptVm(AdoptVMRequest.fromPartial({ id, uid: by }), { signal });
    const another = { code: status.ALREADY_EXISTS, reason: "OWNED_BY_ANOTHER" };
    await expectError(call(made.id, context.uid()), another, "another owner's VM");
    expectEqual((await call(made.id, uid)).vm, made, "VM that a repetition by its owner brings");
    await context.delete(uid);
    // Or another's: hypervisors whose ids are small numbers give one that became free to the next VM.
    const code = [status.NOT_FOUND, status.ALREADY_EXISTS];
    await expectError(call(made.id, uid), { code }, "a VM that was deleted");
  },
};
