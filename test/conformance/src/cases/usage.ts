import { Feature, PowerAction } from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";

export const usage: Case = {
  id: "usage",
  title: "A running VM has usage counters, one that is off has none",
  contract: "vm.proto, VM.usage: Unset when the VM does not run.",
  needs: [Feature.USAGE, Feature.POWER],
  async run(context) {
    const uid = context.uid();
    const made = await context.create(context.spec(), uid);
    expectEqual(made.usage, undefined, "usage of a VM that is off");
    await context.power(uid, PowerAction.ON);
    expectEqual((await context.find(uid))?.usage !== undefined, true, "usage of a running VM is set");
  },
};
