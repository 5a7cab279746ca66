import { randomUUID } from "node:crypto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { errorOf, expect, expectError } from "../expect.ts";

export const getUnknown: Case = {
  id: "get-unknown",
  title: "GetVM of what does not exist is NOT_FOUND, of nothing INVALID_ARGUMENT",
  contract: "provider.proto, GetVM: NOT_FOUND only when the hypervisor said so.",
  needs: [],
  async run(context) {
    const gone = { code: status.NOT_FOUND };
    await expectError(context.get({ $case: "uid", value: randomUUID() }), gone, "a uid that owns nothing");
    const uid = context.uid();
    const { id } = await context.create(context.spec(), uid);
    await context.delete(uid);
    await expectGone(context, id, uid);
    await expectError(context.get({ $case: "uid", value: uid }), gone, "the uid of a deleted VM");
    const wrong = { code: status.INVALID_ARGUMENT };
    await expectError(context.get({ $case: "uid", value: "" }), wrong, "an empty reference");
  },
};

/** Hypervisors whose ids are small numbers give one that became free to the next VM: that one is then found, never the one that was deleted. */
async function expectGone(context: CaseContext, id: string, uid: string): Promise<void> {
  const call = context.get({ $case: "id", value: id });
  const error = await errorOf(call);
  if (error === undefined)
    expect((await call).owner?.uid !== uid, "the id of a deleted VM: it is still there");
  else await expectError(call, { code: status.NOT_FOUND }, "the id of a deleted VM");
}
