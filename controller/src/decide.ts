import { PowerAction, PowerState, RestartPolicy, type VM } from "@virtrigaud/proto";
import { parseDuration } from "./api/duration.ts";
import type { VirtualMachine } from "./api/virtual-machine.ts";
import type { Obstacle } from "./obstacle.ts";
import type { VirtualMachineStatus } from "./status-types.ts";

/** Everything that the next step depends on. */
export interface Situation {
  /** With metadata.deletionTimestamp the VM shall go. A manifest that is merely missing asks for nothing. */
  readonly vm: VirtualMachine;
  /** What stands in the way of acting: a missing reference, a field that cannot be honoured, a provider that does not serve. */
  readonly obstacles: readonly Obstacle[];
  /** Digest of the declaration as it is now; undefined when it cannot be translated. */
  readonly digest: string | undefined;
  /** The VM as just read; undefined when the hypervisor does not have it or has not been asked. */
  readonly observed: VM | undefined;
  /** What is known from before about its life. */
  readonly recorded: Pick<VirtualMachineStatus, "lastTaskRef" | "specDigest"> | undefined;
  /** Whether a VM can be made from its image at once; false: the provider has to fetch it first, and has not been seen to have it. */
  readonly imageReady: boolean;
  /** Whether the provider changes VMs. */
  readonly reconfigurable: boolean;
  /** Whether CreateVM just found a VM of this uid that was made from another declaration. */
  readonly mismatched: boolean;
  /** Whether it is time to have nesting proven inside the guest. */
  readonly proofDue: boolean;
}

/** The one thing to do next. */
export type Step =
  | { readonly kind: "wait"; readonly operation: string }
  | { readonly kind: "blocked"; readonly obstacles: readonly Obstacle[] }
  | { readonly kind: "prepare-image" }
  | { readonly kind: "create"; readonly because: "new" | "gone" }
  | { readonly kind: "power"; readonly action: PowerAction; readonly gracefulTimeoutSeconds: number }
  | { readonly kind: "reconfigure"; readonly restartPolicy: RestartPolicy }
  | { readonly kind: "reconfigure-needed" }
  | { readonly kind: "verify" }
  | { readonly kind: "delete" }
  | { readonly kind: "retain" }
  | { readonly kind: "none" };

/** From the situation to the next step. Pure: called again after each step until nothing is left to do. */
export function decide(situation: Situation): Step {
  const { vm, obstacles, digest, observed, recorded } = situation;
  const deleting = vm.metadata.deletionTimestamp !== undefined;
  if (deleting && vm.metadata.annotations?.["virtrigaud.io/deletion-policy"] === "Retain") {
    return { kind: "retain" };
  }
  if (obstacles.length > 0) return { kind: "blocked", obstacles };
  if (recorded?.lastTaskRef !== undefined) return { kind: "wait", operation: recorded.lastTaskRef };
  if (deleting) return { kind: "delete" };
  if (situation.mismatched && situation.reconfigurable) return reconfigureStep(vm);
  const completed = recorded?.specDigest;
  if (completed === undefined || observed === undefined) {
    if (!situation.imageReady) return { kind: "prepare-image" };
    return { kind: "create", because: completed === undefined ? "new" : "gone" };
  }
  const changed = digest !== completed;
  const power = powerStep(vm, observed.powerState);
  // What acts only at the next start is better stored before it; what is to be off is easier to change then.
  if (changed && situation.reconfigurable && (power === undefined || isPowerOn(power)))
    return reconfigureStep(vm);
  if (power !== undefined) return power;
  if (situation.proofDue) return { kind: "verify" };
  return changed ? { kind: "reconfigure-needed" } : { kind: "none" };
}

function reconfigureStep({ metadata: { annotations } }: VirtualMachine): Step {
  const allowed = annotations?.["virtrigaud.io/restart-policy"] === "IfNeeded";
  return {
    kind: "reconfigure",
    restartPolicy: allowed ? RestartPolicy.IF_NEEDED : RestartPolicy.NEVER,
  };
}

function isPowerOn(step: Step): boolean {
  return step.kind === "power" && step.action === PowerAction.ON;
}

const DEFAULT_GRACEFUL_TIMEOUT = "60s";

/** Absent powerState means On, as users of this API know it. */
function powerStep(vm: VirtualMachine, found: PowerState): Step | undefined {
  if (found === PowerState.UNKNOWN) return { kind: "blocked", obstacles: [hostDisconnected(vm)] };
  const power = (action: PowerAction, gracefulTimeoutSeconds = 0): Step => ({
    kind: "power",
    action,
    gracefulTimeoutSeconds,
  });
  switch (vm.spec.powerState ?? "On") {
    case "On":
      return found === PowerState.ON ? undefined : power(PowerAction.ON);
    case "Off":
      return found === PowerState.OFF ? undefined : power(PowerAction.OFF);
    case "OffGraceful": {
      // A suspended guest cannot shut itself down, and its saved memory is not ours to throw away.
      if (found === PowerState.OFF || found === PowerState.SUSPENDED) return undefined;
      const timeout = parseDuration(vm.spec.lifecycle?.gracefulShutdownTimeout ?? DEFAULT_GRACEFUL_TIMEOUT);
      return power(PowerAction.GRACEFUL_OFF, Math.min(3600, Math.max(1, Math.round(timeout / 1000))));
    }
  }
}

function hostDisconnected(vm: VirtualMachine): Obstacle {
  return {
    reason: "PowerStateUnknown",
    message: `the hypervisor cannot tell the power state of ${vm.metadata.name}; its host may be disconnected`,
    final: false,
  };
}
