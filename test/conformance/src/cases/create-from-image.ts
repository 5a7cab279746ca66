import { Disk, Feature, PowerState } from "@virtrigaud/proto";
import { appliedOf, expectAppliedFor } from "../applied.ts";
import type { Case } from "../case.ts";
import { expect, expectEqual, expectPresent, Skip } from "../expect.ts";

const GiB = 1024 ** 3;
const secret = "conformance-secret-4c7e";

export const createFromImage: Case = {
  id: "create-from-image",
  title: "CreateVM from an image gives it the CPUs, memory and disk asked for and shows no secrets",
  contract: "spec.proto, VMSpec.disks: with an image it holds the image's content and is grown to its size.",
  needs: [Feature.IMAGE],
  async run(context) {
    const { image } = context.fixture;
    if (!image) throw new Skip("the fixture names no image");
    const userData = `#cloud-config\npassword: ${secret}\n`;
    const cloudInit = context.can(Feature.CLOUD_INIT) && { cloudInit: { userData, metaData: {} } };
    const disks = [Disk.fromPartial({ name: "root", sizeBytes: 40 * GiB })];
    const spec = context.spec({ image, cpus: 3, memoryBytes: 3 * GiB, disks, ...cloudInit });
    const vm = await context.create(spec);
    const found = expectPresent(vm.spec, "spec");
    expectEqual(vm.powerState, PowerState.OFF, "power_state");
    expectEqual([found.cpus, found.memoryBytes], [spec.cpus, spec.memoryBytes], "CPUs and memory");
    expectEqual(found.disks[0]?.sizeBytes, 40 * GiB, "size of the root disk");
    expectAppliedFor(spec, vm.appliedCapabilities);
    expectPresent(appliedOf(vm.appliedCapabilities, Feature.IMAGE), "applied capability of the image");
    expectEqual(found.cloudInit, undefined, "spec.cloud_init as found");
    expect(!JSON.stringify(vm).includes(secret), "the VM as read: expected no secret of cloud_init in it");
  },
};
