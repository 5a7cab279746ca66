import { Feature, PowerAction, PowerState } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";

export const powerReset: Case = {
  id: "power-reset",
  title: "SetPower RESET restarts a running VM, which is then on",
  contract: "provider.proto, POWER_ACTION_RESET: Press reset.",
  needs: [Feature.POWER],
  async run(context) {
    const uid = context.uid();
    const made = await context.create(context.spec(), uid);
    await context.power(uid, PowerAction.ON);
    await context.power(uid, PowerAction.RESET);
    const vm = await context.find(uid);
    expectEqual(vm?.powerState, PowerState.ON, "power state after RESET");
    expectEqual(vm?.id, made.id, "id after RESET");
  },
};
