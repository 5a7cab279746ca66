import {
  CreateSnapshotRequest,
  Feature,
  ReconfigureVMRequest,
  type Snapshot,
  type VM,
} from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expectEqual, expectError, expectPresent } from "../expect.ts";

export const snapshots: Case = {
  id: "snapshots",
  title: "Snapshots are taken once per name, listed parents first, reverted to and removed",
  contract:
    "provider.proto, CreateSnapshot: a snapshot of the same name and options that exists already is a success.",
  needs: [Feature.SNAPSHOT],
  async run(context) {
    const { provider, signal } = context;
    const uid = context.uid();
    const spec = context.spec();
    const made = await context.create(spec, uid);
    const first = await take(context, uid, "first");
    expectEqual(
      (await take(context, uid, "first")).id,
      first.id,
      "id of the snapshot that a repetition brings",
    );
    const second = await take(context, uid, "second");
    const list = (await provider.listSnapshots({ uid }, { signal })).snapshots;
    const wanted = [
      ["first", "", false],
      ["second", first.id, true],
    ];
    expectEqual(
      list.map(({ name, parentId, current }) => [name, parentId, current]),
      wanted,
      "snapshots",
    );

    if (context.can(Feature.RECONFIGURE)) await expectReverted(context, uid, made, first.id);
    for (const snapshotId of [first.id, second.id, second.id]) {
      const { operation } = await provider.deleteSnapshot({ uid, snapshotId }, { signal });
      await context.done(operation);
    }
    const left = (await provider.listSnapshots({ uid }, { signal })).snapshots;
    expectEqual(
      left.map(({ name }) => name),
      [],
      "snapshots after all were removed",
    );
    const gone = provider.revertSnapshot({ uid, snapshotId: first.id }, { signal });
    await expectError(gone, { code: status.NOT_FOUND }, "a revert to a snapshot that was removed");
  },
};

async function take(context: CaseContext, uid: string, name: string): Promise<Snapshot> {
  const request = CreateSnapshotRequest.fromPartial({ uid, name });
  const { operation } = await context.provider.createSnapshot(request, { signal: context.signal });
  const { result } = await context.done(operation);
  return expectPresent(
    result?.$case === "snapshot" ? result.value : undefined,
    "snapshot in the operation's result",
  );
}

async function expectReverted(
  context: CaseContext,
  uid: string,
  made: VM,
  snapshotId: string,
): Promise<void> {
  const { provider, signal } = context;
  const spec = { ...expectPresent(made.spec, "spec"), cpus: 2 };
  const request = ReconfigureVMRequest.fromPartial({ uid, spec });
  await context.ensure((options) => provider.reconfigureVm(request, options));
  const { operation } = await provider.revertSnapshot({ uid, snapshotId }, { signal });
  await context.done(operation);
  expectEqual((await context.find(uid))?.spec?.cpus, made.spec?.cpus, "CPUs after the revert");
}
