import { type PlanVMRequest, type PlanVMResponse, type Violation, VMSpec } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { describeChange } from "../mapping/change-effect.ts";
import { differences } from "../mapping/knobs.ts";
import { plan } from "../mapping/plan.ts";
import { specViolations } from "../mapping/validate.ts";

/** PlanVM: what CreateVM would do, with every reason why it would not. Changes nothing. */
export function planVm(
  context: Context,
  { spec = VMSpec.fromPartial({}), uid }: PlanVMRequest,
): PlanVMResponse {
  const { inventory } = context.hypervisor;
  const existing = uid === "" ? undefined : inventory.owned(uid);
  const { config, applied, refusals, advice, host } = plan(context, spec);
  const taken = inventory.named(spec.name);
  const nameTaken: Violation = {
    field: "spec.name",
    reason: "NAME_TAKEN",
    description: `${spec.name} is the name of another VM; choose another`,
  };
  return {
    nativeConfiguration: redacted(config),
    nativeFormat: "in-memory machine configuration (JSON)",
    appliedCapabilities: [...applied],
    violations: [
      ...specViolations(spec),
      ...refusals.map(({ field, reason, description }) => ({ field, reason, description })),
      ...(taken && taken !== existing ? [nameTaken] : []),
    ],
    advice: [...advice],
    host,
    drift: existing ? drift(existing.config, config) : [],
  };
}

function redacted(config: VMSpec): string {
  const json = VMSpec.toJSON({ ...config, cloudInit: undefined });
  return JSON.stringify(
    { ...(json as object), ...(config.cloudInit && { cloudInit: "(redacted)" }) },
    null,
    2,
  );
}

function drift(stored: VMSpec, config: VMSpec): string[] {
  return differences(stored, config).map((change) => {
    const subject = change.subject && ` of ${change.subject}`;
    return `${change.feature}${subject}: ${describeChange(change)}`;
  });
}
