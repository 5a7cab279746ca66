import { nestedPolicy, withImplied } from "@virtrigaud/kit/outcomes";
import { CpuVendor, NestedPolicy, type NestedVirtualizationStatus, Tristate } from "@virtrigaud/proto";
import type { FoundVm } from "./found-vm.ts";
import { guestLevel } from "./hosts.ts";
import type { Host } from "./inventory.ts";
import { hostNesting, nestingRemedy } from "./nesting.ts";
import { requestedSpec } from "./ownership.ts";
import { tristate } from "@virtrigaud/kit/outcomes";

const cpuFeatures: Partial<Record<CpuVendor, string>> = {
  [CpuVendor.INTEL]: "vmx",
  [CpuVendor.ZHAOXIN]: "vmx",
  [CpuVendor.AMD]: "svm",
  [CpuVendor.HYGON]: "svm",
};

/** The four senses of nested virtualization, each from its own evidence. `simulated`: nothing runs behind this vCenter. */
export function nestedStatus(
  { marker, nestedHVEnabled: stored }: FoundVm,
  host: Host | undefined,
  simulated: boolean,
): NestedVirtualizationStatus {
  const asked = requestedSpec(marker);
  const requested =
    asked === undefined ? undefined : nestedPolicy(withImplied(asked).spec) === NestedPolicy.REQUIRED;
  const hostLine = `host ${host?.name}: capability.nestedHVSupported=${host?.nestedHVSupported ?? "not reported"}`;
  return {
    requested: tristate(requested),
    hostCapable: host === undefined ? Tristate.UNKNOWN : hostNesting(host),
    configured: tristate(stored),
    verified: Tristate.UNKNOWN,
    cpuFeature: (host && cpuFeatures[host.vendor]) ?? "",
    mechanism: "config.nestedHVEnabled",
    level: host === undefined ? 0 : guestLevel(host),
    ...reasonFor(requested, host, stored, simulated),
    evidence: [
      ...(host === undefined ? [] : [hostLine]),
      `vCenter: config.nestedHVEnabled=${stored ?? "not reported"}`,
    ],
    verifiedAt: undefined,
  };
}

/** The reason for the least certain of the four. */
function reasonFor(
  requested: boolean | undefined,
  host: Host | undefined,
  stored: boolean | undefined,
  simulated: boolean,
): Pick<NestedVirtualizationStatus, "reason" | "message"> {
  if (!requested) return { reason: "NOT_REQUESTED", message: "nested virtualization was not asked for" };
  if (host?.nestedHVSupported === false) {
    const message = `host ${host.name} cannot give nested virtualization; ${nestingRemedy.join("; ")}`;
    return { reason: "HOST_INCAPABLE", message };
  }
  if (stored !== true) {
    const message =
      "vCenter does not hold nestedHVEnabled=true; someone changed it: power the VM off, and the next CreateVM sets it again";
    return { reason: "NOT_CONFIGURED", message };
  }
  if (simulated) {
    const message = "this vCenter is a simulator: nothing runs in it, so nothing can be verified in a guest";
    return { reason: "SIMULATED", message };
  }
  if (host?.nestedHVSupported === undefined) {
    const message = "configured, but the host does not tell whether it can; verify it inside the guest";
    return { reason: "HOST_CAPABILITY_UNKNOWN", message };
  }
  return { reason: "NOT_YET_VERIFIED", message: "configured; not yet proven inside the guest" };
}
