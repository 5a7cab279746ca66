import { Disk, Feature, Outcome } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import { appliedKey } from "../applied.ts";
import type { Case } from "../case.ts";
import { expect, expectEqual, expectError, expectOneOf, Skip } from "../expect.ts";

const unknownClass = "conformance-no-such-class";

export const storageClass: Case = {
  id: "storage-class",
  title: "A storage class is used; one that nobody knows is refused with the list of those that exist",
  contract:
    "spec.proto, Disk.storage_class: otherwise FAILED_PRECONDITION STORAGE_CLASS_UNKNOWN with the list of what exists.",
  needs: [Feature.STORAGE_CLASS],
  async run(context) {
    const known = context.fixture.storageClass;
    if (!known) throw new Skip("the fixture names no storageClass");
    const on = (name: string) =>
      context.spec({
        disks: [Disk.fromPartial({ name: "root", sizeBytes: 64 * 1024 ** 2, storageClass: name })],
      });
    const { appliedCapabilities } = await context.create(on(known));
    const entry = appliedCapabilities.find((item) => appliedKey(item) === `${Feature.STORAGE_CLASS} of root`);
    const outcomes = [Outcome.APPLIED, Outcome.SUBSTITUTED];
    expectOneOf(entry?.outcome ?? Outcome.UNSPECIFIED, outcomes, `outcome of storage class ${known}`);

    const spec = on(unknownClass);
    const expected = { code: status.FAILED_PRECONDITION, reason: "STORAGE_CLASS_UNKNOWN" };
    const error = await expectError(context.create(spec), expected, "a class that nobody knows");
    expect(
      error.message.includes(known),
      `message: expected ${known} among what exists, got ${error.message}`,
    );
    expectEqual((await context.named(spec.name)).length, 0, `VMs named ${spec.name}`);
  },
};
