import { Disk } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expect, expectEqual, expectError, fieldsOf } from "../expect.ts";

export const invalidSpec: Case = {
  id: "invalid-spec",
  title: "INVALID_ARGUMENT tells every violation at once, by path",
  contract:
    "provider.proto, Errors: INVALID_ARGUMENT adds a google.rpc.BadRequest with every violation at once.",
  needs: [],
  async run(context) {
    const disks = [
      Disk.fromPartial({ name: "root", sizeBytes: 1024 ** 3 }),
      Disk.fromPartial({ name: "data", sizeBytes: 1 }),
    ];
    const spec = context.spec({ cpus: 129, memoryBytes: 1, disks });
    const call = context.createOnce(spec, "NOT-A-UUID");
    const { violations } = await expectError(
      call,
      { code: status.INVALID_ARGUMENT },
      "four mistakes at once",
    );
    const wanted = ["spec.cpus", "spec.disks[data].size_bytes", "spec.memory_bytes", "uid"];
    expectEqual(fieldsOf(violations), wanted, "paths of the violations");
    const explained = violations.every(({ reason, description }) => reason !== "" && description !== "");
    expect(explained, "violations: expected a reason and a description in each");
    expectEqual((await context.named(spec.name)).length, 0, `VMs named ${spec.name}`);
  },
};
