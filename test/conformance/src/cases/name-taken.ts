import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expectEqual, expectError } from "../expect.ts";

export const nameTaken: Case = {
  id: "name-taken",
  title: "A name that another uid holds is NAME_TAKEN, never adopted",
  contract: "provider.proto, CreateVM: ALREADY_EXISTS … NAME_TAKEN (never adopted).",
  needs: [],
  async run(context) {
    const spec = context.spec();
    const holder = context.uid();
    const made = await context.create(spec, holder);
    const late = context.uid();
    const call = context.create(spec, late);
    await expectError(
      call,
      { code: status.ALREADY_EXISTS, reason: "NAME_TAKEN" },
      "a second uid for the name",
    );
    expectEqual(await context.find(late), undefined, "VM of the second uid");
    expectEqual(await context.find(holder), made, "VM of the first uid");
  },
};
