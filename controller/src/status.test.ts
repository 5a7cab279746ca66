import { describe, expect, test } from "@jest/globals";
import {
  Feature,
  NestedVirtualizationStatus,
  Operation,
  OperationState,
  Outcome,
  PowerAction,
  PowerState,
  RestartPolicy,
  Tristate,
  VM,
} from "@virtrigaud/proto";
import { VirtualMachine } from "./api/virtual-machine.ts";
import { VMClass } from "./api/vm-class.ts";
import type { Failure } from "./failure.ts";
import type { Pass } from "./pass.ts";
import type { Condition, ConditionType, VirtualMachineStatus } from "./status-types.ts";
import { nextStatus } from "./status.ts";

const [EARLIER, NOW] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z"];
const apiVersion = "infra.virtrigaud.io/v1beta1";

const vm = VirtualMachine.parse({
  apiVersion,
  kind: "VirtualMachine",
  metadata: { name: "web" },
  spec: { providerRef: { name: "p" }, classRef: { name: "c" }, imageRef: { name: "i" } },
});
const vmClass = VMClass.parse({
  apiVersion,
  kind: "VMClass",
  metadata: { name: "c" },
  spec: { cpu: 8, memory: "16Gi", performanceProfile: { nestedVirtualization: true } },
});
const observed = VM.create({
  id: "vm-7",
  powerState: PowerState.ON,
  host: "esx-1",
  guestInterfaces: [{ name: "eth0", macAddress: "", ipAddresses: ["192.0.2.7", "2001:db8::7"] }],
  nested: {
    requested: Tristate.TRUE,
    hostCapable: Tristate.TRUE,
    configured: Tristate.TRUE,
    verified: Tristate.UNKNOWN,
    cpuFeature: "vmx",
    mechanism: "config.nestedHVEnabled",
    level: 1,
    reason: "SIMULATED",
    message: "the hypervisor is simulated",
  },
  spec: { cpus: 8, memoryBytes: 16 * 2 ** 30 },
  usage: { cpuSeconds: 12.5 },
});

function pass(more: Partial<Pass> = {}): Pass {
  return {
    vm,
    vmClass,
    provider: { status: "True", reason: "Serving", message: "the provider serves" },
    step: { kind: "none" },
    pending: undefined,
    operation: undefined,
    failure: undefined,
    observed,
    completed: "sha256:1",
    unproven: undefined,
    proving: false,
    ...more,
  };
}

function condition(
  type: ConditionType,
  status: Condition["status"],
  reason: string,
  message: string,
  lastTransitionTime = NOW,
): Condition {
  return { type, status, reason, message, lastTransitionTime };
}

const RUNNING: VirtualMachineStatus = {
  phase: "Running",
  id: "vm-7",
  powerState: "On",
  ips: ["192.0.2.7", "2001:db8::7"],
  provider: { host: "esx-1" },
  currentResources: { cpu: 8, memoryMiB: 16384 },
  nestedVirtualization: {
    requested: "True",
    hostCapable: "True",
    configured: "True",
    verified: "Unknown",
    mechanism: "config.nestedHVEnabled",
    cpuFeature: "vmx",
    level: 1,
    reason: "SIMULATED",
    message: "the hypervisor is simulated",
  },
  specDigest: "sha256:1",
  conditions: [
    condition("Ready", "True", "Running", "the VM runs as declared", EARLIER),
    condition("Provisioned", "True", "Complete", "stored as asked", EARLIER),
    condition("ProviderAvailable", "True", "Serving", "the provider serves", EARLIER),
    condition(
      "NestedVirtualization",
      "Unknown",
      "Configured",
      "configured (config.nestedHVEnabled), not verified: the hypervisor is simulated",
      EARLIER,
    ),
    condition(
      "LiveMigratable",
      "False",
      "NestedVirtualization",
      "nested virtualization is configured, and VMs inside would break on the way; power the VM off to move it",
      EARLIER,
    ),
    condition("RestartRequired", "False", "NothingWaits", "no stored change waits for a restart", EARLIER),
  ],
};

const UNSUPPORTED: Failure = {
  reason: "NESTED_UNSUPPORTED",
  message: "no host can nest; on esx-1 set options kvm-intel nested=1",
  passing: false,
  retryAfterMs: undefined,
};
const NOT_MADE = {
  requested: "True",
  hostCapable: "Unknown",
  configured: "Unknown",
  verified: "Unknown",
  reason: "NOT_CREATED",
  message: "there is no VM yet",
} as const;

describe("status", () => {
  test("of a VM that runs as declared; what stays the same keeps its time", () => {
    expect(nextStatus(pass(), undefined, EARLIER)).toEqual(RUNNING);
    expect(nextStatus(pass(), RUNNING, NOW)).toEqual(RUNNING);
  });

  test("of a VM that is being made", () => {
    const operation = {
      name: "op",
      description: "clone VM from template",
      state: OperationState.RUNNING,
      progressPercent: 40,
      error: undefined,
      startTime: undefined,
      endTime: undefined,
      result: undefined,
    };
    const making = pass({
      step: { kind: "create", because: "new" },
      operation,
      pending: "op",
      observed: undefined,
      completed: undefined,
    });
    expect(nextStatus(making, undefined, NOW)).toEqual({
      phase: "Provisioning",
      nestedVirtualization: NOT_MADE,
      lastTaskRef: "op",
      conditions: [
        condition("Ready", "False", "InProgress", "clone VM from template"),
        condition("Provisioned", "False", "Creating", "clone VM from template"),
        condition("ProviderAvailable", "True", "Serving", "the provider serves"),
        condition(
          "NestedVirtualization",
          "Unknown",
          "Requested",
          "asked for by the VMClass; there is no VM yet",
        ),
      ],
    });
  });

  test("of a VM whose image is being fetched; progress is told by tenths", () => {
    const operation = Operation.create({ description: "import image ubuntu", progressPercent: 47 });
    const preparing = pass({
      step: { kind: "prepare-image" },
      operation,
      observed: undefined,
      completed: undefined,
    });
    const status = nextStatus(preparing, undefined, NOW);
    expect(status).toMatchObject({ phase: "Provisioning" });
    expect(status).not.toHaveProperty("lastTaskRef");
    expect(status.conditions.slice(0, 2)).toEqual([
      condition("Ready", "False", "PreparingImage", "import image ubuntu (40%)"),
      condition("Provisioned", "False", "PreparingImage", "import image ubuntu (40%)"),
    ]);
  });

  test("of a guest that could not be asked: the last attempt's reason, in place of the provider's", () => {
    const unproven = { reason: "NO_GUEST_ACCESS", message: "no agent answers" };
    const status = nextStatus(
      pass({ observed: nested({ reason: "NOT_YET_VERIFIED" }), unproven }),
      undefined,
      NOW,
    );
    expect(status.nestedVirtualization).toMatchObject({ verified: "Unknown", ...unproven });
    expect(status.conditions).toContainEqual(
      condition(
        "NestedVirtualization",
        "Unknown",
        "Configured",
        "configured (config.nestedHVEnabled), not verified: no agent answers",
      ),
    );
  });

  test("of a proof: its evidence and its time; an attempt that failed before is forgotten", () => {
    const verifiedAt = new Date("2026-01-01T00:00:30Z");
    const proof = { verified: Tristate.TRUE, reason: "VERIFIED", message: "the guest runs VMs" };
    const status = nextStatus(
      pass({
        observed: nested({ ...proof, evidence: ["/proc/cpuinfo: svm", "/dev/kvm: 10,232"], verifiedAt }),
        unproven: { reason: "NO_GUEST_ACCESS", message: "no agent answers" },
      }),
      undefined,
      NOW,
    );
    expect(status.nestedVirtualization).toMatchObject({
      verified: "True",
      reason: "VERIFIED",
      evidence: ["/proc/cpuinfo: svm", "/dev/kvm: 10,232"],
      verifiedAt: "2026-01-01T00:00:30.000Z",
    });
    expect(status.conditions).toContainEqual(
      condition(
        "NestedVirtualization",
        "True",
        "Verified",
        "the guest runs VMs; /proc/cpuinfo: svm; /dev/kvm: 10,232",
      ),
    );
  });

  test("of an open question has no time, which would be a write for each attempt", () => {
    const status = nextStatus(pass({ observed: nested({ verifiedAt: new Date(0) }) }), undefined, NOW);
    expect(status.nestedVirtualization).not.toHaveProperty("verifiedAt");
  });

  test("of a VM whose hosts cannot nest: the remedy is in every condition that it belongs to", () => {
    const refused = pass({
      step: { kind: "create", because: "new" },
      failure: UNSUPPORTED,
      observed: undefined,
      completed: undefined,
    });
    expect(nextStatus(refused, undefined, NOW)).toEqual({
      phase: "Failed",
      nestedVirtualization: {
        ...NOT_MADE,
        hostCapable: "False",
        reason: "NESTED_UNSUPPORTED",
        message: UNSUPPORTED.message,
      },
      conditions: [
        condition("Ready", "False", "NestedUnsupported", UNSUPPORTED.message),
        condition("Provisioned", "False", "NestedUnsupported", UNSUPPORTED.message),
        condition("ProviderAvailable", "True", "Serving", "the provider serves"),
        condition("NestedVirtualization", "False", "HostIncapable", UNSUPPORTED.message),
      ],
    });
  });

  test("of a running VM whose provider is away: what was read stays, with its times", () => {
    const away = { status: "False", reason: "Unavailable", message: "vcenter does not answer" } as const;
    const obstacles = [{ reason: away.reason, message: away.message, final: false }];
    const blocked = pass({ provider: away, step: { kind: "blocked", obstacles }, observed: undefined });
    const kept = RUNNING.conditions.filter(({ type }) => type !== "Ready" && type !== "ProviderAvailable");
    expect(nextStatus(blocked, RUNNING, NOW)).toEqual({
      ...RUNNING,
      conditions: [
        condition("Ready", "False", "Unavailable", "vcenter does not answer"),
        condition("ProviderAvailable", "False", "Unavailable", "vcenter does not answer"),
        ...kept,
      ],
    });
  });

  test.each<[string, Partial<Pass>, Partial<VirtualMachineStatus>, Partial<Record<ConditionType, string>>]>([
    [
      "deleting",
      { step: { kind: "delete" } },
      { phase: "Deleting" },
      { Ready: "False Deleting", Provisioned: "False Deleting" },
    ],
    [
      "powering on",
      {
        step: { kind: "power", action: PowerAction.ON, gracefulTimeoutSeconds: 0 },
        observed: VM.create({ ...observed, powerState: PowerState.OFF }),
      },
      { phase: "Stopped", powerState: "Off" },
      { Ready: "False PowerChanging" },
    ],
    [
      "declared otherwise",
      { step: { kind: "reconfigure-needed" } },
      { phase: "Running" },
      { Ready: "False ReconfigureNeeded" },
    ],
    [
      "being changed",
      { step: { kind: "reconfigure", restartPolicy: RestartPolicy.NEVER } },
      { phase: "Reconfiguring", specDigest: "sha256:1" },
      { Ready: "False Reconfiguring", Provisioned: "True Complete" },
    ],
    [
      "changed in a way that cannot be had",
      {
        step: { kind: "reconfigure", restartPolicy: RestartPolicy.NEVER },
        failure: { ...UNSUPPORTED, reason: "DISK_SHRINK" },
      },
      { phase: "Running", specDigest: "sha256:1" },
      { Ready: "False DiskShrink", Provisioned: "True Complete" },
    ],
    [
      "nesting off once restarted",
      { observed: VM.create({ ...nested({ configured: Tristate.FALSE }), restartRequired: true }) },
      {},
      { LiveMigratable: "Unknown RestartRequired" },
    ],
    [
      "suspended",
      { observed: VM.create({ ...observed, powerState: PowerState.SUSPENDED }) },
      { phase: "Stopped", powerState: "Suspended" },
      { Ready: "True Stopped" },
    ],
    [
      "a change that waits for a restart",
      { observed: VM.create({ ...observed, restartRequired: true, restartRequiredReasons: ["cpus 4 → 8"] }) },
      {},
      { RestartRequired: "True ChangesWait" },
    ],
    [
      "proven in the guest",
      { observed: nested({ verified: Tristate.TRUE, reason: "VERIFIED" }) },
      {},
      { NestedVirtualization: "True Verified", Ready: "True Running" },
    ],
    [
      "disproven in the guest",
      { observed: nested({ verified: Tristate.FALSE, reason: "GUEST_LACKS_DEV_KVM" }) },
      {},
      { NestedVirtualization: "False GuestLacksDevKvm", Ready: "False NestedVirtualizationMissing" },
    ],
    [
      "lost from the configuration",
      { observed: nested({ configured: Tristate.FALSE }) },
      {},
      {
        NestedVirtualization: "False NotConfigured",
        LiveMigratable: "True NotNested",
        Ready: "False NestedVirtualizationMissing",
      },
    ],
    [
      "not asked for",
      { observed: nested({ requested: Tristate.FALSE, configured: Tristate.FALSE }) },
      {},
      { NestedVirtualization: "False NotRequested", LiveMigratable: "True NotNested", Ready: "True Running" },
    ],
  ])("%s", (_, given, fields, expected) => {
    const status = nextStatus(pass(given), RUNNING, NOW);
    expect(status).toMatchObject(fields);
    const found = Object.fromEntries(
      status.conditions.map(({ type, status: truth, reason }) => [type, `${truth} ${reason}`]),
    );
    expect(found).toMatchObject(expected);
  });

  test("what was implied or substituted is told", () => {
    const applied = [
      {
        feature: Feature.CPU,
        outcome: Outcome.APPLIED,
        mechanism: "numCPUs",
        observedValue: "8",
        reason: "",
        subject: "",
      },
      {
        feature: Feature.SECURE_BOOT,
        outcome: Outcome.IMPLIED,
        mechanism: "efiSecureBootEnabled",
        observedValue: "true",
        reason: "virtualizationBasedSecurity needs it",
        subject: "",
      },
    ];
    const status = nextStatus(
      pass({ observed: VM.create({ ...observed, appliedCapabilities: applied }) }),
      undefined,
      NOW,
    );
    expect(status.conditions.find(({ type }) => type === "Provisioned")?.message).toBe(
      "stored as asked; secure boot implied (efiSecureBootEnabled): virtualizationBasedSecurity needs it",
    );
  });
});

function nested(more: Partial<NestedVirtualizationStatus>): VM {
  return { ...observed, nested: NestedVirtualizationStatus.create({ ...observed.nested, ...more }) };
}
