import { randomUUID } from "node:crypto";
import {
  AdoptVMRequest,
  CheckHostsRequest,
  CloneVMRequest,
  CreateSnapshotRequest,
  Feature,
  PowerAction,
  PrepareImageRequest,
  ReconfigureVMRequest,
  SetPowerRequest,
  WatchVMsRequest,
} from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { errorOf, expect } from "../expect.ts";

export const unimplemented: Case = {
  id: "unimplemented",
  title: "An RPC answers UNIMPLEMENTED exactly where its feature is UNSUPPORTED",
  contract: "capability.proto, SUPPORT_UNSUPPORTED: An RPC behind it answers UNIMPLEMENTED.",
  needs: [],
  async run(context) {
    for (const [feature, name, call] of probes(context)) {
      const code = (await errorOf(call()))?.code;
      if (context.can(feature)) {
        expect(code !== status.UNIMPLEMENTED, `${name}: ${feature} is not UNSUPPORTED, got UNIMPLEMENTED`);
      } else {
        const got = code === undefined ? "a success" : status[code];
        expect(
          code === status.UNIMPLEMENTED,
          `${name}: ${feature} is UNSUPPORTED, expected UNIMPLEMENTED, got ${got}`,
        );
      }
    }
  },
};

type Probe = readonly [feature: Feature, name: string, call: () => Promise<unknown>];

/** One harmless call per RPC that a provider may lack: right on its own, about a VM that does not exist. */
function probes(context: CaseContext): Probe[] {
  const { provider, signal } = context;
  const uid = randomUUID();
  const spec = context.spec();
  const snapshotId = "no-such-snapshot";
  const options = { signal };
  const image = { image: { name: "nowhere" } };
  const adopt = AdoptVMRequest.fromPartial({ id: "no-such-vm", uid });
  const clone = {
    source: { reference: { $case: "uid" as const, value: randomUUID() } },
    uid,
    name: spec.name,
  };
  const power = SetPowerRequest.fromPartial({ uid, action: PowerAction.OFF });
  const hosts = CheckHostsRequest.fromPartial({});
  const reconfigure = ReconfigureVMRequest.fromPartial({ uid, spec });
  return [
    [Feature.HOST_CHECK, "CheckHosts", () => provider.checkHosts(hosts, options)],
    [Feature.PLAN, "PlanVM", () => provider.planVm({ spec, uid: "" }, options)],
    [Feature.ADOPT, "AdoptVM", () => provider.adoptVm(adopt, options)],
    [Feature.WATCH, "WatchVMs", () => first(provider.watchVMs(WatchVMsRequest.fromPartial({}), options))],
    [Feature.POWER, "SetPower", () => provider.setPower(power, options)],
    [Feature.RECONFIGURE, "ReconfigureVM", () => provider.reconfigureVm(reconfigure, options)],
    [Feature.CLONE_FULL, "CloneVM", () => provider.cloneVm(CloneVMRequest.fromPartial(clone), options)],
    [
      Feature.SNAPSHOT,
      "CreateSnapshot",
      () => provider.createSnapshot(CreateSnapshotRequest.fromPartial({ uid, name: "s" }), options),
    ],
    [Feature.SNAPSHOT, "ListSnapshots", () => provider.listSnapshots({ uid }, options)],
    [Feature.SNAPSHOT, "RevertSnapshot", () => provider.revertSnapshot({ uid, snapshotId }, options)],
    [Feature.SNAPSHOT, "DeleteSnapshot", () => provider.deleteSnapshot({ uid, snapshotId }, options)],
    [
      Feature.IMAGE_PREPARE,
      "PrepareImage",
      () => provider.prepareImage(PrepareImageRequest.fromPartial(image), options),
    ],
    [
      Feature.NESTING_VERIFICATION,
      "VerifyNesting",
      () => provider.verifyNesting({ uid, guestCredentials: undefined }, options),
    ],
    [
      Feature.CANCEL_OPERATION,
      "CancelOperation",
      () => provider.cancelOperation({ name: "nobody" }, options),
    ],
    [Feature.CONSOLE, "GetConsole", () => provider.getConsole({ uid }, options)],
  ];
}

async function first(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) return;
}
