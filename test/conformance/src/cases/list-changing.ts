import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";
import { listInPages } from "../list-in-pages.ts";

export const listChanging: Case = {
  id: "list-changing",
  title: "ListVMs lists what exists throughout exactly once while other VMs come and go",
  contract:
    "provider.proto, ListVMs: A VM that exists throughout the listing is listed exactly once; one that comes or goes meanwhile may be listed or not.",
  needs: [],
  async run(context) {
    const goingUid = context.uid();
    const first = await context.create(context.spec());
    await context.create(context.spec(), goingUid);
    const last = await context.create(context.spec());
    let pages = 0;
    const listed = await listInPages(context, async () => {
      pages += 1;
      if (pages === 1) await context.delete(goingUid);
      if (pages === 2) await context.create(context.spec());
    });
    for (const { id, name } of [first, last]) {
      expectEqual(listed.filter((vm) => vm.id === id).length, 1, `times that ${name} is listed`);
    }
  },
};
