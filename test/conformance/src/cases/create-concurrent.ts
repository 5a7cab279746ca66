import type { Case } from "../case.ts";
import { expectEqual } from "../expect.ts";

export const createConcurrent: Case = {
  id: "create-concurrent",
  title: "Concurrent CreateVM calls with one uid make one VM",
  contract: "provider.proto, CreateVM: Call again with the same request. Nothing is ever made twice.",
  needs: [],
  async run(context) {
    const uid = context.uid();
    const spec = context.spec();
    const made = await Promise.all([1, 2, 3, 4].map(() => context.create(spec, uid)));
    expectEqual(new Set(made.map((vm) => vm.id)).size, 1, "different VMs that four concurrent calls brought");
    const ids = (await context.named(spec.name)).map((vm) => vm.id);
    expectEqual(ids, [made[0]?.id ?? ""], `VMs named ${spec.name}`);
  },
};
