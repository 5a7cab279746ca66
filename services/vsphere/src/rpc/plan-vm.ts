import type { UnaryHandler } from "@virtrigaud/kit";
import { type PlanVMResponse, type VMSpec } from "@virtrigaud/proto";
import type { FoundVm } from "../mapping/observation.ts";
import { driftLines } from "../mapping/drift-lines.ts";
import type { Plan } from "../mapping/plan.ts";
import { markerFor, planNew } from "../planning.ts";
import { required } from "../required.ts";
import type { Vcenter } from "../vcenter.ts";
import type { VirtualMachineConfigSpec } from "../vim/types.ts";
import { renderXml } from "../vim/xml.ts";

/** Stands for the uid of a VM that does not exist yet. */
const noUid = "00000000-0000-0000-0000-000000000000";

export const planVm =
  (vcenter: Vcenter): UnaryHandler<"planVm"> =>
  async ({ spec, uid }, { signal }): Promise<PlanVMResponse> => {
    const asked = required(spec);
    const marker = markerFor(uid || noUid, "", asked);
    const { plan, violations, applied, advice } = await planNew(vcenter, marker, asked, { signal });
    const existing = uid === "" ? undefined : await vcenter.vms.byUid(uid, { signal });
    return {
      nativeConfiguration: plan === undefined ? "" : nativeText(plan),
      nativeFormat:
        plan?.clone === undefined
          ? "vim25 VirtualMachineConfigSpec (XML)"
          : "vim25 VirtualMachineCloneSpec (XML)",
      appliedCapabilities: applied,
      violations,
      advice,
      host: plan?.placement.host?.name ?? "",
      drift: drift(existing, plan, asked),
    };
  };

function nativeText({ config, clone }: Plan): string {
  if (clone === undefined) return renderXml("VirtualMachineConfigSpec", withoutSecrets(config));
  return renderXml("VirtualMachineCloneSpec", { ...clone.spec, config: withoutSecrets(config) });
}

/** user-data may hold passwords and keys; what is shown says that it is there and no more. */
function withoutSecrets(config: VirtualMachineConfigSpec): VirtualMachineConfigSpec {
  const secret = new Set(["guestinfo.userdata", "guestinfo.metadata"]);
  const extraConfig = config.extraConfig?.map((option) =>
    secret.has(option.key) ? { ...option, value: "(redacted)" } : option,
  );
  return extraConfig === undefined ? config : { ...config, extraConfig };
}

function drift(existing: FoundVm | undefined, plan: Plan | undefined, asked: VMSpec): string[] {
  if (existing?.config === undefined || plan === undefined) return [];
  return driftLines(asked, plan.config, existing.config);
}
