import { CloneVMRequest, Feature, PowerState } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectError, expectPresent } from "../expect.ts";

export const clone: Case = {
  id: "clone",
  title: "CloneVM makes a copy under a new uid, once, and leaves the source alone",
  contract:
    "provider.proto, CloneVM: Ensures that a copy of a VM … exists under a new uid, powered off. Resumable like CreateVM.",
  needs: [Feature.CLONE_FULL],
  async run(context) {
    const sourceUid = context.uid();
    const source = await context.create(context.spec(), sourceUid);
    const uid = context.uid();
    const name = context.name();
    const copy = await ensure(context, sourceUid, uid, name);
    expect(copy.id !== source.id, "id of the clone: expected another than the source's");
    expectEqual(
      [copy.name, copy.owner?.uid, copy.powerState],
      [name, uid, PowerState.OFF],
      "name, owner and power",
    );
    const size = ({ spec }: typeof copy) => [spec?.cpus, spec?.memoryBytes, spec?.disks.length];
    expectEqual(size(copy), size(source), "CPUs, memory and number of disks");
    expectEqual((await ensure(context, sourceUid, uid, name)).id, copy.id, "id that a repetition brings");
    expectEqual(await context.find(sourceUid), source, "the source afterwards");

    const nobody = ensure(context, context.uid(), context.uid(), context.name());
    await expectError(nobody, { code: status.NOT_FOUND }, "a source that does not exist");
    const taken = ensure(context, sourceUid, context.uid(), name);
    await expectError(taken, { code: status.ALREADY_EXISTS, reason: "NAME_TAKEN" }, "a name that is taken");
  },
};

async function ensure(context: CaseContext, sourceUid: string, uid: string, name: string) {
  const source = { reference: { $case: "uid" as const, value: sourceUid } };
  const request = CloneVMRequest.fromPartial({ source, uid, name });
  const { vm } = await context.ensure((options) => context.provider.cloneVm(request, options));
  return expectPresent(vm, "CloneVMResponse.vm when COMPLETE");
}
