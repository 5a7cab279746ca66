import { describe, expect, test } from "@jest/globals";
import { PowerAction, PowerState, RestartPolicy, VM } from "@virtrigaud/proto";
import { VirtualMachine } from "./api/virtual-machine.ts";
import { type Situation, type Step, decide } from "./decide.ts";

const DIGEST = "sha256:1";
const COMPLETE = { specDigest: DIGEST };
const OBSTACLE = {
  reason: "VMClassNotFound",
  message: "spec.classRef: there is no VMClass default/c",
  final: true,
};

interface Given {
  readonly powerState?: "On" | "Off" | "OffGraceful";
  readonly lifecycle?: object;
  readonly deleting?: boolean;
  readonly annotations?: Record<string, string>;
}

function vm({ powerState, lifecycle, deleting = false, annotations = {} }: Given = {}): VirtualMachine {
  return VirtualMachine.parse({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind: "VirtualMachine",
    metadata: { name: "web", annotations, ...(deleting && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
    spec: {
      providerRef: { name: "p" },
      classRef: { name: "c" },
      imageRef: { name: "i" },
      powerState,
      lifecycle,
    },
  });
}

function situation(given: Partial<Situation> = {}): Situation {
  return {
    vm: vm(),
    obstacles: [],
    digest: DIGEST,
    observed: undefined,
    recorded: undefined,
    imageReady: true,
    reconfigurable: false,
    mismatched: false,
    proofDue: false,
    ...given,
  };
}

const found = (powerState: PowerState) => VM.create({ id: "vm-1", powerState });
const power = (action: PowerAction, gracefulTimeoutSeconds = 0): Step => ({
  kind: "power",
  action,
  gracefulTimeoutSeconds,
});

describe("decide", () => {
  test.each<[string, Situation, Step]>([
    ["nothing recorded", situation(), { kind: "create", because: "new" }],
    ["complete and gone", situation({ recorded: COMPLETE }), { kind: "create", because: "gone" }],
    [
      "an operation under way",
      situation({ recorded: { ...COMPLETE, lastTaskRef: "op" }, observed: found(PowerState.OFF) }),
      { kind: "wait", operation: "op" },
    ],
    [
      "an obstacle, whatever else",
      situation({ obstacles: [OBSTACLE], recorded: { lastTaskRef: "op" } }),
      { kind: "blocked", obstacles: [OBSTACLE] },
    ],
    ["as declared", situation({ recorded: COMPLETE, observed: found(PowerState.ON) }), { kind: "none" }],
    [
      "declared otherwise since",
      situation({ recorded: { specDigest: "sha256:0" }, observed: found(PowerState.ON) }),
      { kind: "reconfigure-needed" },
    ],
    [
      "declared otherwise since, and off: power first",
      situation({ recorded: { specDigest: "sha256:0" }, observed: found(PowerState.OFF) }),
      power(PowerAction.ON),
    ],
    [
      "to be deleted",
      situation({ vm: vm({ deleting: true }), recorded: COMPLETE, observed: found(PowerState.ON) }),
      { kind: "delete" },
    ],
    [
      "to be deleted while an operation is under way",
      situation({ vm: vm({ deleting: true }), recorded: { lastTaskRef: "op" } }),
      { kind: "wait", operation: "op" },
    ],
    [
      "to be deleted and retained, also without a provider",
      situation({
        vm: vm({ deleting: true, annotations: { "virtrigaud.io/deletion-policy": "Retain" } }),
        obstacles: [OBSTACLE],
      }),
      { kind: "retain" },
    ],
  ])("%s", (_, given, expected) => {
    expect(decide(given)).toEqual(expected);
  });

  test.each<[string, Partial<Situation>, Step]>([
    ["nothing recorded, image to fetch", { imageReady: false }, { kind: "prepare-image" }],
    ["gone, image to fetch", { imageReady: false, recorded: COMPLETE }, { kind: "prepare-image" }],
    [
      "there, whatever became of its image",
      { imageReady: false, recorded: COMPLETE, observed: found(PowerState.ON) },
      { kind: "none" },
    ],
    [
      "an operation before anything else",
      { imageReady: false, recorded: { lastTaskRef: "op" } },
      { kind: "wait", operation: "op" },
    ],
    ["to be deleted, image to fetch", { vm: vm({ deleting: true }), imageReady: false }, { kind: "delete" }],
  ])("image: %s", (_, given, expected) => {
    expect(decide(situation(given))).toEqual(expected);
  });

  const NEVER: Step = { kind: "reconfigure", restartPolicy: RestartPolicy.NEVER };
  const CHANGED = { reconfigurable: true, recorded: { specDigest: "sha256:0" } };
  test.each<[string, Partial<Situation>, Step]>([
    ["running", { observed: found(PowerState.ON) }, NEVER],
    [
      "running, and it may be restarted",
      {
        vm: vm({ annotations: { "virtrigaud.io/restart-policy": "IfNeeded" } }),
        observed: found(PowerState.ON),
      },
      { kind: "reconfigure", restartPolicy: RestartPolicy.IF_NEEDED },
    ],
    ["off and to be on: before it starts", { observed: found(PowerState.OFF) }, NEVER],
    ["off as it should be", { vm: vm({ powerState: "Off" }), observed: found(PowerState.OFF) }, NEVER],
    [
      "on and to be off: after it stopped",
      { vm: vm({ powerState: "Off" }), observed: found(PowerState.ON) },
      power(PowerAction.OFF),
    ],
    [
      "to be off by its guest: after that",
      { vm: vm({ powerState: "OffGraceful" }), observed: found(PowerState.ON) },
      power(PowerAction.GRACEFUL_OFF, 60),
    ],
    ["its proof is due: the change first", { observed: found(PowerState.ON), proofDue: true }, NEVER],
    ["gone: made as declared now", {}, { kind: "create", because: "gone" }],
    ["CreateVM found another declaration", { recorded: undefined, mismatched: true }, NEVER],
    [
      "CreateVM found another declaration, image to fetch",
      { recorded: undefined, mismatched: true, imageReady: false },
      NEVER,
    ],
    ["as declared", { recorded: COMPLETE, observed: found(PowerState.ON) }, { kind: "none" }],
    ["to be deleted", { vm: vm({ deleting: true }), observed: found(PowerState.ON) }, { kind: "delete" }],
  ])("a changed declaration, VM %s", (_, given, expected) => {
    expect(decide(situation({ ...CHANGED, ...given }))).toEqual(expected);
  });

  test.each<[string, Partial<Situation>, Step]>([
    ["as declared", { recorded: COMPLETE, observed: found(PowerState.ON) }, { kind: "verify" }],
    [
      "declared otherwise, where the provider changes none",
      { recorded: { specDigest: "sha256:0" }, observed: found(PowerState.ON) },
      { kind: "verify" },
    ],
    [
      "on and to be off",
      { vm: vm({ powerState: "Off" }), recorded: COMPLETE, observed: found(PowerState.ON) },
      power(PowerAction.OFF),
    ],
    ["without a provider", { obstacles: [OBSTACLE] }, { kind: "blocked", obstacles: [OBSTACLE] }],
  ])("a proof is due, VM %s", (_, given, expected) => {
    expect(decide(situation({ proofDue: true, ...given }))).toEqual(expected);
  });

  test.each<[Given, PowerState, Step]>([
    [{}, PowerState.ON, { kind: "none" }],
    [{}, PowerState.OFF, power(PowerAction.ON)],
    [{ powerState: "On" }, PowerState.SUSPENDED, power(PowerAction.ON)],
    [{ powerState: "On" }, PowerState.PAUSED, power(PowerAction.ON)],
    [{ powerState: "Off" }, PowerState.OFF, { kind: "none" }],
    [{ powerState: "Off" }, PowerState.ON, power(PowerAction.OFF)],
    [{ powerState: "Off" }, PowerState.SUSPENDED, power(PowerAction.OFF)],
    [{ powerState: "OffGraceful" }, PowerState.OFF, { kind: "none" }],
    [{ powerState: "OffGraceful" }, PowerState.SUSPENDED, { kind: "none" }],
    [{ powerState: "OffGraceful" }, PowerState.ON, power(PowerAction.GRACEFUL_OFF, 60)],
    [
      { powerState: "OffGraceful", lifecycle: { gracefulShutdownTimeout: "5m" } },
      PowerState.ON,
      power(PowerAction.GRACEFUL_OFF, 300),
    ],
    [
      { powerState: "OffGraceful", lifecycle: { gracefulShutdownTimeout: "100h" } },
      PowerState.ON,
      power(PowerAction.GRACEFUL_OFF, 3600),
    ],
    [
      {},
      PowerState.UNKNOWN,
      {
        kind: "blocked",
        obstacles: [
          {
            reason: "PowerStateUnknown",
            message: "the hypervisor cannot tell the power state of web; its host may be disconnected",
            final: false,
          },
        ],
      },
    ],
  ])("%j found %s", (given, state, expected) => {
    expect(decide(situation({ vm: vm(given), recorded: COMPLETE, observed: found(state) }))).toEqual(
      expected,
    );
  });
});
