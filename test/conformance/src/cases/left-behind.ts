import type { Case } from "../case.ts";
import { listAll } from "../case-context.ts";
import { expectEqual } from "../expect.ts";

/** The last case; it runs whatever --only says. */
export const leftBehind: Case = {
  id: "left-behind",
  title: "After all cases nothing is left behind and what was there before is still there",
  contract:
    "provider.proto, DeleteVM: Ensures that no VM with this uid exists. Deletes only what CreateVM or CloneVM made.",
  needs: [],
  alone: true,
  async run(context) {
    const { run, signal } = context;
    const vms = await listAll(run.provider, signal);
    const ours = vms.filter((vm) => vm.name.startsWith(run.prefix) || run.uids.has(vm.owner?.uid ?? ""));
    // Found only now because no case knew of them; their owners' uids are what they can be deleted by.
    for (const { owner } of ours) if (owner) await context.delete(owner.uid);
    expectEqual(
      ours.map(({ name }) => name),
      [],
      "VMs of this run that are still there",
    );
    const ids = new Set(vms.map(({ id }) => id));
    const gone = run.before.filter(({ id }) => !ids.has(id)).map(({ name }) => name);
    expectEqual(gone, [], "VMs that existed before the run and are gone");
  },
};
