import { EnsureState, Feature, PowerAction, PowerState } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";

export const createReplay: Case = {
  id: "create-replay",
  title: "CreateVM after COMPLETE answers COMPLETE and changes nothing, whatever the power state",
  contract:
    "provider.proto, CreateVM: Calling again after COMPLETE answers COMPLETE and changes nothing, whatever the VM's power state is.",
  needs: [Feature.POWER],
  async run(context) {
    const uid = context.uid();
    const spec = context.spec();
    const made = await context.create(spec, uid);
    const again = await context.createOnce(spec, uid);
    expectEqual(again.state, EnsureState.COMPLETE, "state of the repetition");
    expectEqual(again.vm, made, "VM of the repetition");
    expectEqual(await context.find(uid), made, "VM as read after the repetition");

    await context.power(uid, PowerAction.ON);
    const running = await context.createOnce(spec, uid);
    expectEqual(running.state, EnsureState.COMPLETE, "state of the repetition on a running VM");
    expectEqual(running.vm?.powerState, PowerState.ON, "power state after the repetition on a running VM");
    expectEqual(running.vm?.id, made.id, "id after the repetition on a running VM");
  },
};
