import { randomUUID } from "node:crypto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expectError } from "../expect.ts";

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
    await expectError(context.get({ $case: "id", value: id }), gone, "the id of a deleted VM");
    await expectError(context.get({ $case: "uid", value: uid }), gone, "the uid of a deleted VM");
    const wrong = { code: status.INVALID_ARGUMENT };
    await expectError(context.get({ $case: "uid", value: "" }), wrong, "an empty reference");
  },
};
