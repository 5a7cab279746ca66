import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expectEqual, expectError } from "../expect.ts";

export const specMismatch: Case = {
  id: "spec-mismatch",
  title: "CreateVM with another spec for the same uid is SPEC_MISMATCH and changes nothing",
  contract:
    "provider.proto, CreateVM: ALREADY_EXISTS SPEC_MISMATCH (same uid, other fingerprint: use ReconfigureVM).",
  needs: [],
  async run(context) {
    const uid = context.uid();
    const spec = context.spec();
    const made = await context.create(spec, uid);
    const other = context.createOnce({ ...spec, cpus: spec.cpus + 1 }, uid);
    await expectError(
      other,
      { code: status.ALREADY_EXISTS, reason: "SPEC_MISMATCH" },
      "another number of CPUs",
    );
    expectEqual(await context.find(uid), made, "VM after the refusal");
  },
};
