import { Feature, PowerAction } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expect, expectError } from "../expect.ts";

export const consoleTicket: Case = {
  id: "console",
  title: "GetConsole gives a way to a running VM's screen",
  contract:
    "provider.proto, GetConsole: A way to the VM's screen. Errors: NOT_FOUND; FAILED_PRECONDITION VM_NOT_RUNNING.",
  needs: [Feature.CONSOLE, Feature.POWER],
  async run(context) {
    const { provider, signal } = context;
    const uid = context.uid();
    await context.create(context.spec(), uid);
    const off = { code: status.FAILED_PRECONDITION, reason: "VM_NOT_RUNNING" };
    await expectError(provider.getConsole({ uid }, { signal }), off, "the console of a VM that is off");
    await context.power(uid, PowerAction.ON);
    const { url, ticket, protocol, expireTime } = await provider.getConsole({ uid }, { signal });
    expect(url !== "" || ticket !== "", "url or ticket: expected one, got neither");
    expect(protocol !== "", "protocol: expected a name, got nothing");
    expect(expireTime === undefined || expireTime > new Date(), "expire_time: expected it in the future");
  },
};
