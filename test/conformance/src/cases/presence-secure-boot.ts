import { Feature } from "@virtrigaud/proto";
import { appliedOf } from "../applied.ts";
import type { Case } from "../case.ts";
import { expect, expectEqual } from "../expect.ts";

export const presenceSecureBoot: Case = {
  id: "presence-secure-boot",
  title: 'secure_boot false is "not asked for": neither refused nor reported as on',
  contract: 'spec.proto, VMSpec.secure_boot: False means "not asked for".',
  needs: [],
  async run(context) {
    const vm = await context.create(context.spec({ secureBoot: false }));
    const entry = appliedOf(vm.appliedCapabilities, Feature.SECURE_BOOT);
    expect(
      entry?.observedValue !== "true",
      "applied capability of secure_boot false: expected none that is on",
    );
    expectEqual(vm.spec?.secureBoot ?? false, false, "spec.secure_boot as found");
  },
};
