import { CreateVMRequest, CreateVMResponse, EnsureState, PowerState, VMSpec } from "@virtrigaud/proto";

const uid = "5b6fd86a-1296-4722-a0e9-4dfeaf119ee7";
const gib = 1024 ** 3;

const spec = VMSpec.fromPartial({
  name: "web-1",
  cpus: 4,
  memoryBytes: 16 * gib,
  disks: [{ name: "root", sizeBytes: 200 * gib, storageClass: "fast-ssd" }],
  cloudInit: { userData: `#cloud-config\n${"# what a user has in it\n".repeat(64)}` },
});

/** What every call asks, with cloud-init of ordinary size. */
export const request: CreateVMRequest = CreateVMRequest.fromPartial({ uid, spec, controllerId: "bench" });

/** What both servers answer: complete at once, the VM as it was found. */
export const reply: CreateVMResponse = CreateVMResponse.fromPartial({
  state: EnsureState.COMPLETE,
  vm: { id: "vm-46", spec, powerState: PowerState.OFF },
});
