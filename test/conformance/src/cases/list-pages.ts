import { ListVMsRequest } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expect, expectEqual, expectError } from "../expect.ts";
import { listInPages } from "../list-in-pages.ts";

export const listPages: Case = {
  id: "list-pages",
  title: "ListVMs by pages of one lists each VM exactly once; a bad page is INVALID_ARGUMENT",
  contract: "provider.proto, ListVMs: A VM that exists throughout the listing is listed exactly once.",
  needs: [],
  async run(context) {
    const { provider, signal } = context;
    const mine = await Promise.all([1, 2, 3].map(() => context.create(context.spec())));
    const listed = await listInPages(context);
    for (const { id, name } of mine) {
      expectEqual(listed.filter((vm) => vm.id === id).length, 1, `times that ${name} is listed`);
    }
    const unowned = listed.filter((vm) => vm.owner === undefined).map((vm) => vm.name);
    expectEqual(unowned, [], "unowned VMs in a listing without include_unowned");
    expect(
      listed.every((vm) => vm.spec === undefined),
      "VIEW_BASIC: expected no spec, got one",
    );
    const wrong = { code: status.INVALID_ARGUMENT };
    const badToken = ListVMsRequest.fromPartial({ pageToken: "not-a-token-of-anyone!" });
    await expectError(provider.listVMs(badToken, { signal }), wrong, "a page token of nobody");
    const tooLarge = ListVMsRequest.fromPartial({ pageSize: 1001 });
    await expectError(provider.listVMs(tooLarge, { signal }), wrong, "page_size 1,001");
  },
};
