import { Feature, PowerAction, SetPowerRequest, type VM } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { errorOf, expect, expectEqual, expectError, expectPresent, Skip } from "../expect.ts";

export const foreignVm: Case = {
  id: "foreign-vm",
  title: "A VM that nobody owns is listed when asked for, and never touched",
  contract:
    "provider.proto, Identity: Every mutating call names the VM by that uid and never touches a VM whose marker is missing or names another uid.",
  needs: [Feature.POWER],
  async run(context) {
    const { provider, fixture, signal } = context;
    if (!fixture.foreignVm) throw new Skip("the fixture names no foreignVm that the suite may try to harm");
    const [listed] = await context.named(fixture.foreignVm);
    const { id, name } = expectPresent(listed, `${fixture.foreignVm} in a listing with include_unowned`);
    const before = await context.get({ $case: "id", value: id });
    expectEqual(before.owner, undefined, `owner of ${name}`);

    // Its native identity in place of a uid: whatever is answered, nothing may happen.
    await errorOf(provider.deleteVm({ uid: id, retainDisks: false }, { signal }));
    const off = SetPowerRequest.fromPartial({ uid: id, action: PowerAction.OFF });
    const code = [status.NOT_FOUND, status.INVALID_ARGUMENT];
    await expectError(provider.setPower(off, { signal }), { code }, `SetPower with the id of ${name} as uid`);
    // Names may be unique only within a folder: then a VM of the same name is made beside it, which is as well.
    const made: VM[] = [];
    await errorOf(context.create(context.spec({ name })).then((vm) => made.push(vm)));
    expect(made[0]?.id !== id, `CreateVM with the name ${name}: it was adopted`);

    const after = await context.get({ $case: "id", value: id });
    expectEqual(lasting(after), lasting(before), `${name} after all that`);
  },
};

/** What does not change by itself. */
function lasting({ usage: _usage, guestInterfaces: _guest, guestAgent: _agent, ...rest }: VM) {
  return rest;
}
