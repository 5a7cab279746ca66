import { EnsureState, PowerState, type VM, type VMSpec } from "@virtrigaud/proto";
import { expectAppliedFor } from "../applied.ts";
import type { Case } from "../case.ts";
import { expect, expectEqual, expectPresent } from "../expect.ts";

export const createBlank: Case = {
  id: "create-blank",
  title: "CreateVM steps to COMPLETE and brings the VM, off, owned and as asked",
  contract:
    "provider.proto, CreateVM: Ensures that a VM with this uid and this spec exists, powered off when it was just made.",
  needs: [],
  async run(context) {
    const uid = context.uid();
    const spec = context.spec();
    const { vm } = await context.ensure(async (options) => {
      const answer = await context.createOnce(spec, uid, options);
      const inProgress = answer.state === EnsureState.IN_PROGRESS;
      expectEqual(answer.operation !== undefined, inProgress, "operation is set exactly when IN_PROGRESS");
      expectEqual(answer.vm !== undefined, !inProgress, "vm is set exactly when COMPLETE");
      return answer;
    });
    const made = expectPresent(vm, "vm");
    expectAsAsked(made, spec);
    expectEqual(made.owner?.uid, uid, "owner.uid");
    expect(
      /^[0-9a-f]{64}$/.test(made.owner?.specFingerprint ?? ""),
      "owner.spec_fingerprint: expected SHA-256 in hex",
    );
    expectEqual(made.powerState, PowerState.OFF, "power_state");
    expectAppliedFor(spec, made.appliedCapabilities);

    const byUid = await context.get({ $case: "uid", value: uid });
    expectEqual(byUid, made, "GetVM by uid, compared with what CreateVM brought");
    expectEqual(await context.get({ $case: "id", value: made.id }), made, "GetVM by id");
  },
};

function expectAsAsked({ id, name, spec: found }: VM, asked: VMSpec): void {
  expect(id !== "", "id: expected a native identity, got nothing");
  expectEqual(name, asked.name, "name");
  const read = expectPresent(found, "spec in VIEW_FULL");
  expectEqual(read.name, asked.name, "spec.name");
  expectEqual(read.cpus, asked.cpus, "spec.cpus");
  expectEqual(read.memoryBytes, asked.memoryBytes, "spec.memory_bytes");
  const sizes = (spec: VMSpec) => spec.disks.map((disk) => [disk.name, disk.sizeBytes]);
  expectEqual(sizes(read), sizes(asked), "names and sizes of spec.disks");
  expectEqual(read.networkInterfaces.length, asked.networkInterfaces.length, "number of network interfaces");
}
