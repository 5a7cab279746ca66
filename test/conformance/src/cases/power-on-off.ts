import { Feature, PowerAction, PowerState, SetPowerRequest } from "@virtrigaud/proto";
import { randomUUID } from "node:crypto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expectEqual, expectError } from "../expect.ts";

export const powerOnOff: Case = {
  id: "power-on-off",
  title:
    "SetPower turns a VM on and off; where it is there already the operation succeeds and nothing changes",
  contract:
    "provider.proto, SetPower: A VM that is already there is a success: the operation then succeeds and nothing changes.",
  needs: [Feature.POWER],
  async run(context) {
    const { provider, signal } = context;
    const uid = context.uid();
    await context.create(context.spec(), uid);
    for (const [action, state] of [
      [PowerAction.OFF, PowerState.OFF],
      [PowerAction.ON, PowerState.ON],
      [PowerAction.OFF, PowerState.OFF],
    ] as const) {
      await context.power(uid, action);
      expectEqual((await context.find(uid))?.powerState, state, `power state after ${action}`);
      await context.power(uid, action);
      expectEqual((await context.find(uid))?.powerState, state, `power state after a repeated ${action}`);
    }
    const unspecified = SetPowerRequest.fromPartial({ uid });
    const wrong = { code: status.INVALID_ARGUMENT };
    await expectError(provider.setPower(unspecified, { signal }), wrong, "no action");
    const nobody = SetPowerRequest.fromPartial({ uid: randomUUID(), action: PowerAction.ON });
    await expectError(
      provider.setPower(nobody, { signal }),
      { code: status.NOT_FOUND },
      "a uid that owns nothing",
    );
  },
};
