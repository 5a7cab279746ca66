import { type AppliedCapability, type Feature, Outcome } from "@virtrigaud/proto";

/** An entry about a knob; APPLIED unless it says otherwise. */
export const entry = (feature: Feature, init: Partial<AppliedCapability>): AppliedCapability => ({
  feature,
  outcome: Outcome.APPLIED,
  mechanism: "",
  observedValue: "",
  reason: "",
  subject: "",
  ...init,
});
