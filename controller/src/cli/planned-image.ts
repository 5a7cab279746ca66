import { Feature, Outcome, type PlanVMResponse } from "@virtrigaud/proto";

/** What a provider says of an image that it has not got yet, which "vrtg up" has it prepare first. */
const NOT_PREPARED = "IMAGE_NOT_PREPARED";

/** The plan as it is once the image is prepared, as far as that can be told now; undefined when the image does not stand in its way. */
export function oncePrepared(plan: PlanVMResponse): PlanVMResponse | undefined {
  const violations = plan.violations.filter(({ reason }) => reason !== NOT_PREPARED);
  if (violations.length === plan.violations.length) return undefined;
  const appliedCapabilities = plan.appliedCapabilities.filter(
    ({ feature, outcome }) => feature !== Feature.IMAGE || outcome !== Outcome.REFUSED,
  );
  return { ...plan, violations, appliedCapabilities };
}
