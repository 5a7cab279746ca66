import { Feature, NestedPolicy, Outcome, Tristate } from "@virtrigaud/proto";
import { appliedOf } from "../applied.ts";
import type { Case } from "../case.ts";
import { expectEqual, expectOneOf, expectPresent } from "../expect.ts";

export const presenceNested: Case = {
  id: "presence-nested",
  title: "Nesting unset is not reported; DISABLED is applied and read back",
  contract:
    "nested.proto, NestedPolicy: UNSPECIFIED … nothing is set and nothing is promised; DISABLED … Read back like any other knob.",
  needs: [],
  async run(context) {
    const silent = await context.create(context.spec());
    const entry = appliedOf(silent.appliedCapabilities, Feature.NESTED_VIRTUALIZATION);
    expectEqual(entry, undefined, "applied capability of a knob that was not set");
    expectEqual(silent.nested?.requested, Tristate.FALSE, "nested.requested when unset");

    const off = await context.create(
      context.spec({ nestedVirtualization: { policy: NestedPolicy.DISABLED } }),
    );
    const list = off.appliedCapabilities;
    const applied = expectPresent(
      appliedOf(list, Feature.NESTED_VIRTUALIZATION),
      "applied capability of DISABLED",
    );
    expectOneOf(applied.outcome, [Outcome.APPLIED, Outcome.SUBSTITUTED], "outcome of DISABLED");
    expectEqual(off.nested?.requested, Tristate.FALSE, "nested.requested when DISABLED");
    expectEqual(off.nested?.configured, Tristate.FALSE, "nested.configured when DISABLED");
  },
};
