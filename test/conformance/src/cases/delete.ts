import { EnsureState, Feature, PowerAction } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";

export const deleteVm: Case = {
  id: "delete",
  title: "DeleteVM removes a running VM, leaves nothing, and is COMPLETE when nothing is there",
  contract: "provider.proto, DeleteVM: COMPLETE when nothing is left, also when nothing was there.",
  needs: [Feature.POWER],
  async run(context) {
    const { provider, signal } = context;
    const request = { uid: context.uid(), retainDisks: false };
    const never = await provider.deleteVm(request, { signal });
    expectEqual(never.state, EnsureState.COMPLETE, "state for a uid that never owned anything");

    const spec = context.spec();
    await context.create(spec, request.uid);
    await context.power(request.uid, PowerAction.ON);
    await context.delete(request.uid);
    expectEqual(await context.find(request.uid), undefined, "VM after COMPLETE");
    expectEqual((await context.named(spec.name)).length, 0, `VMs named ${spec.name} after COMPLETE`);
    const again = await provider.deleteVm(request, { signal });
    expectEqual(again.state, EnsureState.COMPLETE, "state of the repetition");

    const next = await context.create(spec);
    expectEqual(next.name, spec.name, "name of a new VM that takes the deleted one's place");
  },
};
